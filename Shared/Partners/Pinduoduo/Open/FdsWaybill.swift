internal import JSON

/// The request of `pdd.fds.waybill.get`. It names no recipient: the platform knows him.
public struct FdsWaybillRequest: Sendable {
    /// The factory; its address must be one of `pdd.waybill.search`.
    public struct Sender: Sendable {
        public var name: String
        public var mobile: String
        /// nil: the mobile number; the platform requires it.
        public var phone: String?
        public var address: WaybillAddress

        public init(name: String, mobile: String, phone: String? = nil, address: WaybillAddress) {
            self.name = name
            self.mobile = mobile
            self.phone = phone
            self.address = address
        }
    }

    public struct Parcel: Sendable {
        public var objectId: String
        /// Of a standard template of the carrier.
        public var templateURL: String
        /// The shop of the token.
        public var userId: Int
        /// Orders that go in it, 1 to 100.
        public var orders: [FdsOrderKey]
        /// Goods in it, 1 to 100.
        public var items: [(name: String, count: Int)]
        /// Grams.
        public var weight: Int?
        /// Millilitres.
        public var volume: Int?
        public var logisticsServices: String?

        public init(
            objectId: String, templateURL: String, userId: Int, orders: [FdsOrderKey], items: [(name: String, count: Int)],
            weight: Int? = nil, volume: Int? = nil, logisticsServices: String? = nil
        ) {
            self.objectId = objectId
            self.templateURL = templateURL
            self.userId = userId
            self.orders = orders
            self.items = items
            self.weight = weight
            self.volume = volume
            self.logisticsServices = logisticsServices
        }
    }

    public var sender: Sender
    public var wpCode: String
    public var parcels: [Parcel]

    public init(sender: Sender, wpCode: String, parcels: [Parcel]) {
        self.sender = sender
        self.wpCode = wpCode
        self.parcels = parcels
    }

    /// The parcel's id for the platform.
    public static func objectId(allocationId: String) -> String { PartnerKey.of(allocationId: allocationId) }

    /// A fault that the platform would refuse; nil: none.
    var problem: String? {
        if parcels.isEmpty { return "no parcel" }
        for parcel in parcels {
            if !(1...100).contains(parcel.orders.count) { return "\(parcel.orders.count) orders in \(parcel.objectId); 1 to 100" }
            if !(1...100).contains(parcel.items.count) { return "\(parcel.items.count) items in \(parcel.objectId); 1 to 100" }
        }
        return nil
    }

    var json: JSONValue {
        .object([
            (
                "sender",
                .object([
                    ("name", .string(sender.name)), ("mobile", .string(sender.mobile)), ("phone", .string(sender.phone ?? sender.mobile)),
                    ("address", sender.address.json),
                ])
            ), ("wp_code", .string(wpCode)), ("trade_order_info_dtos", .array(parcels.map(\.json))),
        ])
    }
}

extension FdsWaybillRequest.Parcel {
    var json: JSONValue {
        .members(
            ("object_id", .string(objectId)), ("template_url", .string(templateURL)), ("user_id", .int(userId)),
            ("logistics_services", logisticsServices.map { .string($0) }),
            (
                "order_info",
                .object([("order_channels_type", .string("PDD")), ("trade_order_list", .array(orders.map { $0.json() }))])
            ),
            (
                "package_info",
                .members(
                    (
                        "items",
                        .array(items.map { .object([("name", .string($0.name)), ("count", .int($0.count))]) })
                    ), ("volume", volume.map { .int($0) }), ("weight", weight.map { .int($0) }))
            ))
    }
}

/// A number taken.
public struct FdsWaybill: Sendable, Equatable {
    public var objectId: String
    public var waybillCode: String
    public var parentWaybillCode: String?
    /// The label, encrypted: to be passed on to the printing application as it is. Empty: the platform gave none.
    public var printData: String

    init?(_ module: JSONValue) {
        guard let object = module["object_id"]?.wireText, let code = module["waybill_code"]?.wireText else { return nil }
        objectId = object
        waybillCode = code
        parentWaybillCode = module["parent_waybill_code"]?.wireText
        printData = module["print_data"]?.wireText ?? ""
    }
}
