public import Contracts
import JSON
import Stores
import Synchronization
import Threads

extension SQLiteReadModel {
    public func orders(_ query: OrderQuery) throws(ReadModelError) -> Page<OrderView> {
        try asking { (reader) throws(ReadModelError) in try reader.orders(query) }
    }

    public func orderCounts(merchant: String) throws(ReadModelError) -> [OrderStateName: Int] {
        let numbers = try counts(merchant, Code.orders)
        return Dictionary(uniqueKeysWithValues: OrderStateName.allCases.map { ($0, numbers.isEmpty ? 0 : numbers[Code.of($0)]) })
    }

    public func order(_ orderId: String, merchant: String) throws(ReadModelError) -> OrderView? {
        let record = try one { (reader) throws(StoreError) in try reader.orderWithHistory(orderId) }
        guard let view = record?.view(withHistory: true), view.merchantShopId == merchant else { return nil }
        return view
    }

    public func parcels(_ query: ParcelQuery) throws(ReadModelError) -> Page<ParcelView> {
        try asking { (reader) throws(ReadModelError) in try reader.parcels(query) }
    }

    public func parcelCounts(factory: String) throws(ReadModelError) -> [ParcelStateName: Int] {
        let numbers = try counts(factory, Code.parcels)
        return Dictionary(uniqueKeysWithValues: ParcelStateName.allCases.map { ($0, numbers.isEmpty ? 0 : numbers[Code.of($0)]) })
    }

    public func parcel(_ allocationId: String, factory: String) throws(ReadModelError) -> ParcelView? {
        guard let record = try record(ofAllocation: allocationId),
            let view = record.allocations.first(where: { $0.id == allocationId })?.parcelView(orderId: record.orderId),
            view.factoryShopId == factory
        else { return nil }
        return view
    }

    public func parcelHistory(_ allocationId: String, factory: String) throws(ReadModelError) -> [HistoryView]? {
        try record(ofAllocation: allocationId, withHistory: true)?.parcelHistory(allocationId, factory: factory)
    }

    public func parcelsToStop(factory: String) throws(ReadModelError) -> [StopMark] {
        try one { (reader) throws(StoreError) in try reader.parcelsToStop(factory) }
    }

    /// `<orderId>/<n>`
    private func record(ofAllocation id: String, withHistory: Bool = false) throws(ReadModelError) -> OrderRecord? {
        guard let slash = id.lastIndex(of: "/") else { return nil }
        let orderId = String(id[..<slash])
        return try one { (reader) throws(StoreError) in
            try withHistory ? reader.orderWithHistory(orderId) : reader.order(orderId)
        }
    }

    // MARK: Rows

    public func shop(_ shopId: String) throws(ReadModelError) -> ParticipantRow? { try row(.participants, shopId) }

    public func bindings(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<BindingView> {
        try rows(.bindings, shop, page)
    }

    public func rules(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<RuleRow> { try rows(.rules, merchant, page) }
    public func pools(factory: String, _ page: PageRequest) throws(ReadModelError) -> Page<PoolView> { try rows(.pools, factory, page) }

    public func warehouses(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<WarehouseRow> {
        try rows(.warehouses, merchant, page)
    }

    public func stock(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<StockRow> {
        try asking { (reader) throws(ReadModelError) in try reader.stock(merchant: merchant, page) }
    }

    public func inbounds(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<InboundView> {
        try asking { (reader) throws(ReadModelError) in
            try reader.items(.inbounds, owner: merchant, page) { (try? InboundRecord.decodeStored($0))?.shown }
        }
    }

    public func channels(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<ChannelRow> { try rows(.channels, shop, page) }

    public func authorizations(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<AuthorizationView> {
        try rows(.authorizations, shop, page)
    }

    // MARK: The operator's

    public func deadLetters(service: ServiceName?, _ page: PageRequest) throws(ReadModelError) -> Page<DeadLetterView> {
        try asking { (reader) throws(ReadModelError) in try reader.deadLetters(service: service, page) }
    }

    public func deadLetter(_ id: String) throws(ReadModelError) -> DeadLetterView? {
        try one { (reader) throws(StoreError) in try reader.deadLetter(id) }
    }

    public func trace(_ orderOrCommandId: String) throws(ReadModelError) -> [TraceView] {
        try one { (reader) throws(StoreError) in try reader.trace(orderOrCommandId) }
    }

    // MARK: Partners

    public func consent(state: String) throws(ReadModelError) -> ConsentRow? { try row(.consents, state) }

    public func number(_ kind: PartnerNumberKind, _ number: String) throws(ReadModelError) -> PartnerNumberRow? {
        try row(.numbers, "\(kind.rawValue):\(number)")
    }

    // MARK: Shapes

    private func one<Result>(_ body: (ModelReader) throws(StoreError) -> Result) throws(ReadModelError) -> Result {
        try asking { (reader) throws(ReadModelError) in try reader.asking { () throws(StoreError) in try body(reader) } }
    }

    private func row<Row: Declared>(_ list: ItemList, _ id: String) throws(ReadModelError) -> Row? {
        try one { (reader) throws(StoreError) in try reader.item(list, id) }.flatMap { try? Row.decodeStored($0) }
    }

    private func rows<Row: Declared>(_ list: ItemList, _ owner: String, _ page: PageRequest) throws(ReadModelError) -> Page<Row> {
        try asking { (reader) throws(ReadModelError) in try reader.items(list, owner: owner, page) { try? Row.decodeStored($0) } }
    }

    private func counts(_ shop: String, _ scope: (Int) -> Int) throws(ReadModelError) -> [Int] {
        try one { (reader) throws(StoreError) in
            guard let number = try reader.number(of: shop) else { return [] }
            return reader.lists.lock.withLock { $0.numbers(scope: scope(number)) }
        }
    }
}
