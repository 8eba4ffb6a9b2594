public import Contracts

/// What is known from the topics, asked by a caller's own shop. Calls block for the time of a query: not for a server's own thread.
///
/// A shop sees its own only: what is another's is nil, as what does not exist.
public protocol ReadModel: Sendable {
    // MARK: Orders and parcels
    func orders(_ query: OrderQuery) throws(ReadModelError) -> Page<OrderView>
    /// By state; a state without orders counts 0.
    func orderCounts(merchant: String) throws(ReadModelError) -> [OrderStateName: Int]
    /// With its history.
    func order(_ orderId: String, merchant: String) throws(ReadModelError) -> OrderView?
    func parcels(_ query: ParcelQuery) throws(ReadModelError) -> Page<ParcelView>
    func parcelCounts(factory: String) throws(ReadModelError) -> [ParcelStateName: Int]
    func parcel(_ allocationId: String, factory: String) throws(ReadModelError) -> ParcelView?
    /// What waybill and shipping have told of a parcel, oldest first, refusals of this factory too; nil for another's parcel.
    func parcelHistory(_ allocationId: String, factory: String) throws(ReadModelError) -> [HistoryView]?

    /// Parcels that were voided or readdressed after their label was printed, newest first, at most 5,000.
    func parcelsToStop(factory: String) throws(ReadModelError) -> [StopMark]

    // MARK: Rows of a shop
    func shop(_ shopId: String) throws(ReadModelError) -> ParticipantRow?
    func bindings(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<BindingView>
    func rules(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<RuleRow>
    func pools(factory: String, _ page: PageRequest) throws(ReadModelError) -> Page<PoolView>
    func warehouses(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<WarehouseRow>
    func stock(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<StockRow>
    func inbounds(merchant: String, _ page: PageRequest) throws(ReadModelError) -> Page<InboundView>
    func channels(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<ChannelRow>
    func authorizations(shop: String, _ page: PageRequest) throws(ReadModelError) -> Page<AuthorizationView>

    // MARK: The operator's
    func deadLetters(service: ServiceName?, _ page: PageRequest) throws(ReadModelError) -> Page<DeadLetterView>
    func deadLetter(_ id: String) throws(ReadModelError) -> DeadLetterView?
    /// The messages of one order or command, oldest first; empty when neither is known. A command is known by its id for some days.
    func trace(_ orderOrCommandId: String) throws(ReadModelError) -> [TraceView]

    // MARK: What partners' answers belong to
    func consent(state: String) throws(ReadModelError) -> ConsentRow?
    func number(_ kind: PartnerNumberKind, _ number: String) throws(ReadModelError) -> PartnerNumberRow?

    // MARK: How far it is
    /// Partitions whose beginning the log no longer held when the model was filled.
    func knownSince() throws(ReadModelError) -> [KnownSince]
    /// Waits until the record before this position is in the model.
    /// - Returns: false when it is not within the time (seconds).
    func wait(until position: LogPosition, timeout: Double) -> Bool
}
