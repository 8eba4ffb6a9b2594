import Contracts

/// The commands about an order that would be accepted from its merchant now, as the state machines of allocation and shipping decide.
///
/// | command | accepted |
/// |---|---|
/// | `allocate` | not cancelled, no hold, something is left |
/// | `deallocate` | an allocation is in force and not sealed |
/// | `approve-order` | not cancelled, and the hold `awaiting-audit` is there |
/// | `ship` | not cancelled, no hold, an allocation to a factory is `ready` and not sealed |
/// | `amend` | an allocation of a factory's is shipped |
/// | `retry-upload` | a shipped number was told to a marketplace or an ERP |
/// | `pull-status` | a partner's warehouse has an outbound order |
/// | `cancel-outbound` | an allocation to a warehouse is in force and not shipped |
///
/// A factory-dropship order has none: its merchant is nobody here. What rests on other tables (bindings, channels, stock) is not looked at.
public enum OrderActions {
    /// - Parameter sealed: ids of allocations that can no longer be taken back.
    public static func possible(_ order: OrderView, sealed: Set<String>) -> [String] {
        if FactoryDropship.isOrder(order.orderId) { return [] }
        let isFree = order.state != .cancelled && order.holds.isEmpty
        let allocations = order.allocations
        func has(_ kind: Target.Kind, _ state: AllocationStateName...) -> Bool {
            allocations.contains { $0.target.kind == kind && state.contains($0.state) }
        }
        let isInForce: (AllocationView) -> Bool = { $0.state == .allocated || $0.state == .ready }
        var actions: [String] = []
        if isFree, order.lines.contains(where: { $0.allocated < $0.quantity }) { actions.append("allocate") }
        if allocations.contains(where: { isInForce($0) && !sealed.contains($0.allocationId) }) { actions.append("deallocate") }
        if order.state != .cancelled, order.holds.contains(.awaitingAudit) { actions.append("approve-order") }
        let canShip = allocations.contains {
            $0.target.kind == .factory && $0.state == .ready && !sealed.contains($0.allocationId)
        }
        if isFree, canShip { actions.append("ship") }
        if has(.factory, .shipped) { actions.append("amend") }
        if allocations.contains(where: { $0.state == .shipped && $0.uploads?.isEmpty == false }) { actions.append("retry-upload") }
        if allocations.contains(where: { $0.target.kind == .warehouse && $0.state != .deallocated && $0.outbound?.partnerNumber != nil }) {
            actions.append("pull-status")
        }
        if has(.warehouse, .allocated, .ready) { actions.append("cancel-outbound") }
        return actions
    }
}

/// The commands about a parcel that would be accepted from its factory now, as waybill's state machine decides.
///
/// | command | accepted |
/// |---|---|
/// | `obtain` | `open`; `obtained` and `printed`, which answers with the same number |
/// | `mark-printed` | it has a number, up to `returned` |
/// | `report-reprint` | `printed`, `returned` |
/// | `return` | `open`, `obtained`, `printed` |
/// | `cancel` | it has a number and is not returned |
public enum ParcelActions {
    public static func possible(state: ParcelStateName, hasNumber: Bool) -> [String] {
        switch state {
        case .open: hasNumber ? ["obtain", "mark-printed", "return", "cancel"] : ["obtain", "return"]
        case .obtained: ["obtain", "mark-printed", "return", "cancel"]
        case .printed: ["obtain", "mark-printed", "report-reprint", "return", "cancel"]
        case .returned: ["mark-printed", "report-reprint"]
        case .shipped, .voided: []
        }
    }
}
