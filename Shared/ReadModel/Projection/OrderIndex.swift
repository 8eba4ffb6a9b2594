import Contracts

/// The columns by which orders and parcels are found, derived from an order's record.
struct OrderIndex: Equatable {
    /// nil: allocation has not told of the order, and no list has it.
    var merchant: String?
    var state = OrderStateName.open
    var at = 0
    /// `shipBy`; without one, after all that have one, and the oldest first.
    var due = OrderIndex.never
    /// Shipped or cancelled.
    var isDone = false
    /// A bit for each hold.
    var holds = 0
    /// Factories with a part in force or shipped.
    var factories: [String] = []
    var isShippable = false
    /// Numbers as they are searched, without case.
    var texts: [String] = []
    private var numbers: [String] = []
    /// Skus, names and remark, without case.
    var goods = ""
    var parcels: [ParcelIndex] = []
    /// Whether `placed` is known: what it says never changes.
    private var isPlaced = false

    init() {}

    /// - Parameter before: an earlier one of the same order: what does not change any more is taken from it.
    init(_ record: OrderRecord, before: OrderIndex? = nil) {
        for place in record.allocations.indices where record.allocations[place].parcel?.opened != nil {
            let known = before?.parcels.firstIndex { $0.allocationId == record.allocations[place].id }
            if let parcel = ParcelIndex(record.allocations[place], before: known.flatMap { before?.parcels[$0] }) { parcels.append(parcel) }
        }
        guard let registered = record.registered, let at = record.listTime else { return }
        merchant = registered.merchant
        state = record.state()
        self.at = at
        due = record.shipBy ?? Self.never + at
        isDone = state == .shipped || state == .cancelled
        holds = Self.mask(record.holds)
        isPlaced = record.taken != nil
        if !registered.number.isEmpty { numbers.append(registered.number) }
        for place in record.allocations.indices {
            let state = record.allocations[place].state
            let known = record.allocations[place].numbers
            if let number = known.number { numbers.append(number) }
            if let extra = known.extra { numbers += extra }
            if state == .ready { isShippable = true }
            if state != .deallocated, let target = record.allocations[place].knownTarget, target.kind == .factory,
                !factories.contains(target.id)
            {
                factories.append(target.id)
            }
        }
        if factories.count > 1 { factories.sort() }
        texts = if let before, before.numbers == numbers { before.texts } else { Self.texts(numbers) }
        if isPlaced, let before, before.isPlaced {
            goods = before.goods
            return
        }
        goods = Self.goods(record.lineViews.flatMap { [$0.sku, $0.name] } + [record.taken?.remark ?? ""])
    }

    static func mask(_ holds: [Hold]) -> Int { holds.reduce(0) { $0 | bit($1) } }

    private static func bit(_ hold: Hold) -> Int {
        switch hold {
        case .afterSale: 1
        case .riskControl: 2
        case .awaitingAudit: 4
        }
    }

    /// Beyond any time that can be written.
    static let never = 1 << 50

    static func texts(_ numbers: [String]) -> [String] {
        var texts: [String] = []
        for text in numbers where !text.isEmpty {
            let folded = SearchText.folded(text)
            if !texts.contains(folded) { texts.append(folded) }
        }
        return texts
    }

    static func goods(_ parts: [String]) -> String { SearchText.folded(parts.filter { !$0.isEmpty }.joined(separator: "\n")) }
}

struct ParcelIndex: Equatable {
    var allocationId = ""
    var factory = ""
    var merchant = ""
    var state = ParcelStateName.open
    var at = 0
    var due = OrderIndex.never
    /// Shipped or voided.
    var isDone = false
    var carrier: String?
    var door: String?
    /// When it was voided or readdressed after its label was printed, in milliseconds since 1970; nil: it goes its way.
    var stop: Int?
    /// Numbers as they are searched, without case.
    var texts: [String] = []
    private var numbers: [String] = []
    var goods = ""

    init?(_ allocation: AllocationRecord, before: ParcelIndex?) {
        guard let opened = allocation.parcel?.opened, let state = allocation.parcelState else { return nil }
        allocationId = allocation.id
        factory = opened.factory
        merchant = opened.merchant
        self.state = state
        at = opened.at
        due = allocation.shipBy ?? OrderIndex.never + at
        isDone = state == .shipped || state == .voided
        let known = allocation.numbers
        carrier = known.carrier
        if let number = known.number { numbers.append(number) }
        if let extra = known.extra { numbers += extra }
        door = (allocation.moved ?? opened.door).mergeKey
        if allocation.mustBeStopped { stop = allocation.parcel?.stoppedAt ?? opened.at }
        texts = if let before, before.numbers == numbers { before.texts } else { OrderIndex.texts(numbers) }
        // `opened` comes once.
        if let before {
            goods = before.goods
            return
        }
        goods = OrderIndex.goods(opened.lines.flatMap { [$0.name, $0.spec] } + [opened.remark])
    }
}
