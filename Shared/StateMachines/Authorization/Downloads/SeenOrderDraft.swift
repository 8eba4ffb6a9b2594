import Contracts
import Threads

/// Facts being told, and what is known after them.
struct SeenOrderDraft {
    private let before: SeenOrder
    private(set) var state: SeenOrder
    private let orderId: String
    private let time: Timestamp
    private var facts: [SeenOrderMachine.Event] = []

    /// - Parameter time: when it became so on the platform; moved behind what was told before.
    init(_ state: SeenOrder, _ orderId: String, at time: Timestamp) {
        before = state
        self.state = state
        self.orderId = orderId
        self.time = Timestamp(milliseconds: max(time.milliseconds, (state.toldAt ?? Int.min) + (state.toldAt == nil ? 0 : 1)))
    }

    /// None when nothing is new.
    var events: [SeenOrderMachine.Event] { state == before ? [] : facts + [.learned(state)] }

    /// - Parameter id: what tells it from the order's other facts of this type.
    private mutating func tell(_ fact: some Message, _ name: String, _ id: String = "") {
        let parts = [orderId, name, id].filter { !$0.isEmpty }
        facts.append(.told(fact, orderId: orderId, id: parts.joined(separator: "/"), at: time))
        state.toldAt = time.milliseconds
    }

    /// Part of the id of a fact that may become true again and again.
    private var stamp: String { "\(time.milliseconds)" }

    // MARK: The order

    mutating func note(_ seen: OrderSeen) {
        state.updatedAt = seen.updatedAt?.milliseconds ?? state.updatedAt
        state.readAt = seen.readAt.milliseconds
        noteRisk(seen)
        if let afterSale = seen.afterSale { note(afterSale) }
        if seen.isCancelled, state.isCancelled != true {
            state.isCancelled = true
            let fact = OrderCancelled(orderId: orderId)
            tell(fact, "cancelled")
        }
        if state.isPlaced == true {
            noteRecipient(seen)
        } else if let placed = seen.placed, state.isCancelled != true, seen.isAssigned != false {
            state.isPlaced = true
            state.allocatedTo = placed.allocatedTo
            state.recipientMark = seen.recipientMark
            tell(placed, "placed")
        }
        noteAssignment(seen)
    }

    /// An order that is assigned again while it carries a number already, or to another factory, is not this factory's to ship.
    private mutating func noteAssignment(_ seen: OrderSeen) {
        guard state.isPlaced == true else { return }
        if seen.isAssigned == false, state.isUnallocated != true {
            state.isUnallocated = true
            let fact = OrderUnallocated(orderId: orderId)
            tell(fact, "unallocated", stamp)
        } else if seen.isAssigned == true, let placed = seen.placed, placed.allocatedTo == state.allocatedTo, state.isUnallocated == true {
            state.isUnallocated = nil
            let fact = OrderReassigned(orderId: orderId)
            tell(fact, "reassigned", stamp)
        }
    }

    private mutating func noteRisk(_ seen: OrderSeen) {
        guard let isUnderRisk = seen.isUnderRisk, isUnderRisk != state.isUnderRisk else { return }
        let isFirst = state.isUnderRisk == nil
        state.isUnderRisk = isUnderRisk
        if isUnderRisk {
            let fact = RiskHeld(orderId: orderId)
            tell(fact, "risk-held", stamp)
        } else if !isFirst || changedSincePlaced(seen) {
            let fact = RiskCleared(orderId: orderId)
            tell(fact, "risk-cleared", stamp)
        }
    }

    /// An order that is seen first when it has changed since it was placed may have been held meanwhile, and somebody else may have told
    /// so (an import).
    private func changedSincePlaced(_ seen: OrderSeen) -> Bool {
        guard let placed = seen.placed, let updatedAt = seen.updatedAt else { return false }
        return updatedAt > placed.placedAt
    }

    private mutating func noteRecipient(_ seen: OrderSeen) {
        guard let recipient = seen.placed?.recipient, let mark = seen.recipientMark, mark != state.recipientMark else { return }
        state.recipientMark = mark
        let fact = AddressChanged(orderId: orderId, recipient: recipient)
        tell(fact, "address-changed", stamp)
    }

    // MARK: After-sales

    /// An after-sale in the order itself. It has no id there, so it gets a counted one.
    private mutating func note(_ seen: SeenAfterSale) {
        switch seen.stage {
        case .open:
            guard state.unnamed?.stage != .open, !state.hasOpenNamed else { return }
            let next = UnnamedAfterSale((state.unnamed?.number ?? 0) + 1, .open)
            state.unnamed = next
            tellOpened(next.id(of: orderId), seen.kind)
        case .refunded:
            guard state.unnamed?.stage != .refunded, !state.hasRefundedNamed else { return }
            var refunded = UnnamedAfterSale((state.unnamed?.number ?? 0) + 1, .refunded)
            if let open = state.unnamed, open.stage == .open { refunded.number = open.number }
            state.unnamed = refunded
            tellClosed(refunded.id(of: orderId), .refunded, seen.kind)
        case .closed, nil:
            guard var open = state.unnamed, open.stage == .open else { return }
            open.stage = .closed
            state.unnamed = open
            tellClosed(open.id(of: orderId), .closed, seen.kind)
        }
    }

    /// One that the platform names: it only moves forward.
    mutating func note(_ seen: AfterSaleSeen) {
        var named = state.named ?? []
        let index = named.firstIndex { $0.id == seen.afterSaleId }
        let known = index.map { named[$0].stage }
        if let known, known == seen.stage || known == .refunded || seen.stage == .open { return }
        let new = NamedAfterSale(seen.afterSaleId, seen.stage)
        if let index { named[index] = new } else { named.append(new) }
        state.named = named
        switch seen.stage {
        case .open: tellOpened(seen.afterSaleId, seen.kind)
        // One that is seen only when it is over has held nothing.
        case .closed: if known != nil { tellClosed(seen.afterSaleId, .closed, seen.kind) }
        case .refunded: tellClosed(seen.afterSaleId, .refunded, seen.kind)
        }
    }

    private mutating func tellOpened(_ afterSaleId: String, _ kind: String?) {
        let fact = AfterSaleOpened(orderId: orderId, afterSaleId: afterSaleId, kind: kind)
        tell(fact, "after-sale-opened", afterSaleId)
    }

    private mutating func tellClosed(_ afterSaleId: String, _ stage: AfterSaleStage, _ kind: String?) {
        var fact = AfterSaleClosed(orderId: orderId, afterSaleId: afterSaleId, kind: kind)
        if stage == .refunded { fact.outcome = stage.rawValue }
        tell(fact, "after-sale-closed", "\(afterSaleId)/\(stage.rawValue)")
    }
}
