import Contracts
import JSON
import Machines
import Threads

/// Events being decided, and the state as they leave it: each step sees what the ones before it did.
struct OrderDraft {
    private(set) var state: OrderState
    private(set) var events: [OrderEvent] = []
    let orderId: String
    let context: Context

    init(_ state: OrderState, _ orderId: String, _ context: Context) {
        self.state = state
        self.orderId = orderId
        self.context = context
    }

    mutating func add(_ event: OrderEvent) {
        OrderMachine.evolve(&state, event)
        events.append(event)
    }

    /// Nothing keeps the order from being allocated.
    var isFree: Bool { state.merchant != nil && state.cancellation == nil && state.holds.isEmpty }

    // MARK: Events about the order

    mutating func announceCancellation() {
        guard let cancellation = state.cancellation else { return }
        let message = OrderCancellationNoted(orderId: orderId, merchantShopId: state.merchant, reason: cancellation.reason)
        add(.cancelled(message))
        for event in OrderMachine.keepsCancelled(state, orderId, context) { add(event) }
    }

    mutating func announceHolds(_ holds: [Hold], isHeld: Bool) {
        if isHeld {
            let message = OrderHeld(orderId: orderId, merchantShopId: state.merchant, holds: holds)
            add(.held(message))
        } else {
            let message = OrderReleased(orderId: orderId, merchantShopId: state.merchant, holds: holds)
            add(.released(message))
        }
    }

    mutating func announceRecipient() {
        guard let recipient = state.recipient, let merchant = state.merchant else { return }
        let channelId = state.order.channelId
        for allocation in state.unsealed {
            let message = RecipientChanged(
                orderId: orderId, allocationId: AllocationNumber.id(orderId, allocation.number), merchantShopId: merchant,
                target: allocation.target, area: recipient.area, mergeKey: recipient.mergeKey, recipientSealed: recipient.recipientSealed,
                channelId: channelId)
            add(.recipientChanged(message))
        }
    }

    // MARK: Taking back

    /// Takes back what is not sealed.
    mutating func takeBack(_ reason: DeallocationReason, note: String? = nil) {
        for allocation in state.unsealed { deallocate(allocation, reason, note: note) }
    }

    mutating func deallocate(_ allocation: StoredAllocation, _ reason: DeallocationReason, note: String? = nil) {
        let message = Deallocated(
            orderId: orderId, allocationId: AllocationNumber.id(orderId, allocation.number), merchantShopId: state.merchant ?? "",
            target: allocation.target, reason: reason, note: note)
        add(.deallocated(message, allocation.number))
    }

    // MARK: Allocating

    /// The sender that a label names: the merchant's alias, with name and address where the merchant has given them.
    struct LabelSender {
        var shopAlias = ""
        var sender: Verbatim<Sender>?
    }

    /// The label sender for a target that this merchant may allocate to now.
    func labelSender(for target: Target, of merchant: String) throws(Refusal) -> LabelSender {
        switch target.kind {
        case .factory:
            guard let row = context.tables.binding(merchant: merchant, factory: target.id), row.state == .active else {
                throw Refusal(
                    .bindingNotActive,
                    "\(merchant) has no active binding with factory \(target.id); apply for one, and allocate once the factory approved it",
                    restsOnTable: true)
            }
            return LabelSender(shopAlias: row.shopAlias, sender: row.sender)
        case .warehouse:
            guard let row = context.tables.warehouse(target.id), row.state == .active, row.merchantShopId == merchant else {
                throw Refusal(
                    .targetNotAvailable, "\(merchant) has no active warehouse \(target.id); authorize it, or choose another target",
                    restsOnTable: true)
            }
            guard let profile = context.tables.participant(merchant) else {
                throw Refusal(
                    .merchantNotRegistered, "\(merchant) is not registered as a merchant; register, then allocate", restsOnTable: true)
            }
            return LabelSender(shopAlias: profile.shopAlias ?? "", sender: profile.sender.map { Verbatim($0) })
        }
    }

    mutating func allocate(
        _ quantities: [Int], of order: OrderDetails, to target: Target, as labelSender: LabelSender, ruleId: String? = nil
    ) {
        guard let merchant = state.merchant else { return }
        let number = (state.lastNumber ?? 0) + 1
        var lines: [Line] = []
        lines.reserveCapacity(quantities.count)
        for (index, quantity) in quantities.enumerated() where quantity > 0 { lines.append(Line(order.lines[index], quantity)) }
        let recipient = state.recipient
        let message = Allocated(
            orderId: orderId, allocationId: AllocationNumber.id(orderId, number), merchantShopId: merchant,
            shopAlias: labelSender.shopAlias, target: target, lines: lines, remark: order.remark,
            area: recipient?.area ?? Area(province: "", city: "", district: ""), mergeKey: recipient?.mergeKey,
            recipientSealed: recipient?.recipientSealed, sender: labelSender.sender, allocatedAt: context.now,
            shipBy: order.shipBy.map(Timestamp.init(milliseconds:)), platform: order.platform,
            platformOrderNumber: order.platformOrderNumber, channelId: order.channelId, ruleId: ruleId)
        add(.allocated(message, StoredAllocation(number, target, quantities)))
    }

    /// A dropship order goes to its factory; of any other, the lines that a rule matches go to the rule's target.
    /// - Parameter details: what was placed, when the caller has it in hand.
    mutating func allocateByItself(_ details: OrderDetails? = nil) {
        guard isFree, let merchant = state.merchant else { return }
        let order = details ?? state.order
        if let factory = order.allocatedTo {
            let left = state.left(of: order)
            guard !state.isTakenBack, left.contains(where: { $0 > 0 }) else { return }
            let labelSender = LabelSender(shopAlias: order.shopAlias ?? "")
            return allocate(left, of: order, to: Target(.factory, factory), as: labelSender)
        }
        let rules = context.tables.rules(of: merchant)
        if !rules.isEmpty { allocate(order, by: rules, of: merchant) }
    }

    /// One allocation for each target, in the order of the rules. A rule whose target cannot be allocated to is passed over, and so are
    /// lines without sku by a rule for a warehouse, which ships by it.
    private mutating func allocate(_ order: OrderDetails, by rules: [RuleRow], of merchant: String) {
        var left = state.left(of: order)
        var groups: [(rule: RuleRow, labelSender: LabelSender, quantities: [Int])] = []
        for rule in rules where left.contains(where: { $0 > 0 }) {
            let needsSku = rule.target.kind == .warehouse
            let matched = order.lines.indices.filter {
                left[$0] > 0 && rule.match.matches(order.lines[$0].sku) && (!needsSku || order.lines[$0].hasSku)
            }
            if matched.isEmpty { continue }
            let index: Int
            if let known = groups.firstIndex(where: { $0.rule.target == rule.target }) {
                index = known
            } else {
                guard let labelSender = try? labelSender(for: rule.target, of: merchant) else { continue }
                groups.append((rule, labelSender, [Int](repeating: 0, count: left.count)))
                index = groups.count - 1
            }
            for line in matched {
                groups[index].quantities[line] = left[line]
                left[line] = 0
            }
        }
        for group in groups {
            allocate(group.quantities, of: order, to: group.rule.target, as: group.labelSender, ruleId: group.rule.ruleId)
        }
    }
}

extension Line {
    fileprivate init(_ line: OrderLine, _ quantity: Int) {
        self.init(lineId: line.lineId, sku: line.sku, name: line.name, spec: line.spec, quantity: quantity)
    }
}
