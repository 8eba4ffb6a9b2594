/// All that one shipping label says. Texts may hold anything; what cannot be printed is named when the label is rendered (`LabelProblem`).
public struct LabelContent: Sendable, Equatable {
    /// A place in China, from the largest part to the smallest; parts that are empty are left out.
    public struct Address: Sendable, Equatable {
        public var province: String
        public var city: String
        public var district: String
        public var town: String?
        /// Street, house, flat.
        public var detail: String

        public init(province: String, city: String, district: String, town: String? = nil, detail: String) {
            self.province = province
            self.city = city
            self.district = district
            self.town = town
            self.detail = detail
        }
    }

    /// Where the parcel goes. Name, phone and the address's detail are required.
    public struct Recipient: Sendable, Equatable {
        public var name: String
        public var phone: String
        public var address: Address

        public init(name: String, phone: String, address: Address) {
            self.name = name
            self.phone = phone
            self.address = address
        }
    }

    /// Who sells: texts that are empty are left out.
    public struct Sender: Sendable, Equatable {
        /// The merchant's name as the factory knows it.
        public var alias: String
        public var name: String
        public var phone: String
        public var address: Address?

        public init(alias: String, name: String, phone: String, address: Address?) {
            self.alias = alias
            self.name = name
            self.phone = phone
            self.address = address
        }
    }

    /// Goods in the parcel.
    public struct Line: Sendable, Equatable {
        public var name: String
        public var spec: String
        public var quantity: Int

        public init(name: String, spec: String, quantity: Int) {
            self.name = name
            self.spec = spec
            self.quantity = quantity
        }
    }

    /// Which label of a batch this is, from 1: `12/128`.
    public struct Place: Sendable, Equatable {
        public var number: Int
        public var total: Int

        public init(_ number: Int, of total: Int) {
            self.number = number
            self.total = total
        }
    }

    /// The carrier's code: `SF`, `JD` …
    public var carrier: String
    /// The carrier's name as people know it; empty: the code stands for it.
    public var carrierName: String
    /// The bar code of the first parcel.
    public var waybillNumber: String
    /// One for each further parcel of the shipment, which gets a page of its own.
    public var furtherNumbers: [String]
    /// The carrier's routing code, in large letters.
    public var sortingText: String?
    public var recipient: Recipient
    public var sender: Sender
    public var lines: [Line]
    public var remark: String
    /// The order's number, as short as people use it.
    public var orderNumber: String
    public var place: Place?

    public init(
        carrier: String, carrierName: String, waybillNumber: String, furtherNumbers: [String] = [], sortingText: String? = nil,
        recipient: Recipient, sender: Sender, lines: [Line], remark: String = "", orderNumber: String, place: Place? = nil
    ) {
        self.carrier = carrier
        self.carrierName = carrierName
        self.waybillNumber = waybillNumber
        self.furtherNumbers = furtherNumbers
        self.sortingText = sortingText
        self.recipient = recipient
        self.sender = sender
        self.lines = lines
        self.remark = remark
        self.orderNumber = orderNumber
        self.place = place
    }

    /// A page for each parcel of the shipment.
    public var pageCount: Int { 1 + furtherNumbers.count }
}
