import Contracts
import Machines

/// The commands of factories and of shipping.
extension ParcelMachine {
    static func obtain(_ state: State, _ command: Obtain, _ context: Context) throws(Refusal) -> [Event] {
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId, context)
        return try handle(parcel, command.orderId, PendingCommand(.obtain, context.origin, carrier: command.carrier), context)
    }

    static func markPrinted(_ state: State, _ command: MarkPrinted, _ context: Context) throws(Refusal) -> [Event] {
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId, context)
        return try handle(parcel, command.orderId, PendingCommand(.print, context.origin), context)
    }

    static func reportReprint(_ state: State, _ command: ReportReprint, _ context: Context) throws(Refusal) -> [Event] {
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId, context)
        var pending = PendingCommand(.reprint, context.origin)
        pending.reason = command.reason
        return try handle(parcel, command.orderId, pending, context)
    }

    static func `return`(_ state: State, _ command: Return, _ context: Context) throws(Refusal) -> [Event] {
        // Waybill itself returns the numbers that the factory's ERP has shipped.
        if context.actor != Actor(.service, ServiceName.waybill.rawValue) { try context.require(.factory, command.factoryShopId) }
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId)
        var pending = PendingCommand(
            .return, context.origin, carrier: command.carrier,
            number: WaybillNumber.waybill(of: WaybillNumber.normalized(command.waybillNumber), carrier: command.carrier),
            extraNumbers: command.extraNumbers?.map {
                WaybillNumber.further(WaybillNumber.normalized($0), carrier: command.carrier)
            })
        pending.allowsUnusual = command.unusual == true ? true : nil
        return try handle(parcel, command.orderId, pending, context)
    }

    static func cancel(_ state: State, _ command: Cancel, _ context: Context) throws(Refusal) -> [Event] {
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId, context)
        return try handle(parcel, command.orderId, PendingCommand(.cancel, context.origin), context)
    }

    static func claim(_ state: State, _ command: Claim, _ context: Context) throws(Refusal) -> [Event] {
        try context.require(.service, ServiceName.shipping.rawValue)
        let parcel = try known(state, command.allocationId)
        var pending = PendingCommand(
            .claim, context.origin, carrier: command.carrier,
            number: WaybillNumber.waybill(of: WaybillNumber.normalized(command.waybillNumber), carrier: command.carrier))
        pending.allowsUnusual = command.unusual == true ? true : nil
        return try handle(parcel, command.orderId, pending, context)
    }

    /// The console has checked that the factory asks; the factory is compared all the same.
    static func openLabel(_ state: State, _ command: OpenLabel, _ context: Context) throws(Refusal) -> [Event] {
        try context.require(.service, ServiceName.console.rawValue)
        let parcel = try parcel(state, command.allocationId, of: command.factoryShopId)
        var pending = PendingCommand(.label, context.origin)
        pending.jobId = command.jobId
        pending.publicKey = command.publicKey
        return try handle(parcel, command.orderId, pending, context)
    }

    /// The factory's own parcel.
    private static func parcel(
        _ state: State, _ allocationId: String, of factory: String, _ context: Context
    ) throws(Refusal) -> Parcel {
        try context.require(.factory, factory)
        return try parcel(state, allocationId, of: factory)
    }

    private static func parcel(_ state: State, _ allocationId: String, of factory: String) throws(Refusal) -> Parcel {
        let parcel = try known(state, allocationId)
        guard parcel.factoryShopId == factory else {
            throw Refusal(.forbidden, "allocation \(allocationId) is not with factory \(factory)")
        }
        return parcel
    }

    static func known(_ state: State, _ allocationId: String) throws(Refusal) -> Parcel {
        guard let parcel = state.parcel(allocationId), parcel.phase != .awaited else {
            throw Refusal(.notFound, "no factory has an allocation \(allocationId); check the id, or send again after opened")
        }
        return parcel
    }

    /// At once, or after what is under way.
    private static func handle(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand, _ context: Context) throws(Refusal)
        -> [Event]
    {
        if let count = parcel.pending?.count {
            try Bounds.require(
                count, below: Bounds.waiting, "too many commands of allocation \(parcel.allocationId) wait for the one under way")
            return [.waits(allocationId: parcel.allocationId, pending)]
        }
        return try begin(parcel, orderId, pending, context)
    }

    /// Begins, and if it needs no other's answer also ends, what has come for a parcel that has nothing under way.
    static func begin(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand, _ context: Context) throws(Refusal) -> [Event] {
        switch pending.kind {
        case .void: return [voided(parcel, orderId, pending.origin)]
        case .readdress: return readdress(parcel, orderId, pending)
        case .ship: return [taken(parcel, pending)]
        case .obtain, .print, .reprint, .return, .cancel, .claim, .label: break
        }
        try requireAllocated(parcel)
        if let event = try askPlatform(parcel, orderId, pending, context) { return [event] }
        return [try command(parcel, orderId, pending)]
    }

    static func requireAllocated(_ parcel: Parcel) throws(Refusal) {
        guard parcel.phase == .voided || parcel.phase == .deallocatedBeforeAllocated else { return }
        throw Refusal(.notAllocated, "allocation \(parcel.allocationId) was taken back")
    }

    private static func command(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        switch pending.kind {
        case .obtain: try beginObtain(parcel, orderId, pending)
        case .print: try print(parcel, orderId, pending)
        case .reprint: try reprinted(parcel, orderId, pending)
        case .return: try beginReturn(parcel, orderId, pending)
        case .cancel: try cancel(parcel, orderId, pending)
        case .claim: try beginClaim(parcel, orderId, pending)
        case .label: .asksLabel(try opening(parcel, orderId, pending), pending.origin)
        case .void, .readdress, .ship: .stays(allocationId: parcel.allocationId)
        }
    }

    private static func beginObtain(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        try requireNotReturned(parcel)
        let carrier = try Carrier.required(pending.carrier ?? "")
        if let number = parcel.number {
            try requireSame(carrier, parcel)
            return obtained(parcel, orderId, pending, number)
        }
        var begun = pending
        begun.claims = []
        return .took(PoolNumberRequest(parcel.identity(orderId), carrier: carrier.code), begun)
    }

    static func requireSame(_ carrier: Carrier, _ parcel: Parcel) throws(Refusal) {
        guard parcel.number != nil, parcel.carrier != carrier.code else { return }
        throw Refusal(
            .invalid, "allocation \(parcel.allocationId) has a number of \(parcel.carrier ?? "") already; cancel it first", field: "carrier"
        )
    }

    private static func print(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        guard parcel.number != nil else {
            throw Refusal(.waybillNotObtained, "allocation \(parcel.allocationId) has no number to print; obtain one first")
        }
        guard parcel.isShredded != true else {
            throw Refusal(
                .alreadyShipped,
                "allocation \(parcel.allocationId) was shipped so long ago that its recipient was deleted; its label cannot be printed again"
            )
        }
        let message = Printed(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            copies: min((parcel.copies ?? 0) + 1, Printed.mostCopies))
        return .printed(message, pending.origin)
    }

    /// Of a returned parcel the factory says by `return` that its label was printed.
    private static func reprinted(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        guard parcel.phase == .printed || parcel.phase == .returned else {
            throw Refusal(
                .waybillNotObtained, "no label of allocation \(parcel.allocationId) was printed yet; send mark-printed for the first one")
        }
        let message = ReprintReported(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            reason: pending.reason ?? "")
        return .reprinted(message, pending.origin)
    }

    private static func cancel(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        try requireNotReturned(parcel)
        guard parcel.number != nil else {
            throw Refusal(.waybillNotObtained, "allocation \(parcel.allocationId) has no number to cancel")
        }
        return cancelled(parcel, orderId, pending)
    }

    static func cancelled(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> Event {
        let message = WaybillCancelled(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            carrier: parcel.carrier ?? "", waybillNumber: parcel.number ?? "")
        return .cancelled(message, pending.origin)
    }

    private static func beginReturn(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        let begun = try checkedReturn(parcel, pending)
        return nextClaim(parcel, orderId, begun) ?? returned(parcel, orderId, begun)
    }

    /// The command with the numbers that it has to claim.
    static func checkedReturn(_ parcel: Parcel, _ pending: PendingCommand) throws(Refusal) -> PendingCommand {
        try requireNotReturned(parcel)
        let carrier = try Carrier.required(pending.carrier ?? "")
        let numbers = pending.numbers
        let waybills = pending.waybills
        let own = parcel.carrier == carrier.code ? parcel.number : nil
        var begun = pending
        for index in numbers.indices {
            let field = PendingCommand.field(index)
            // The parcel's own number is in order: it came from the pool, or from a platform whose rules are its own.
            let isKnown =
                waybills[index] == own
                ? carrier.form(of: waybills[index]) != nil
                : try carrier.check(waybills[index], allowsUnusual: pending.allowsUnusual == true, field: field)
            if !isKnown { begun.isUnusual = true }
            if numbers[..<index].contains(numbers[index]) {
                throw Refusal(.invalid, "the same number is given twice; give each once", field: field)
            }
        }
        begun.claims = claims(of: waybills.filter { $0 != own })
        begun.granted = 0
        return begun
    }

    private static func beginClaim(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> Event {
        guard parcel.phase == .returned else {
            throw Refusal(.waybillNotReturned, "allocation \(parcel.allocationId) has no returned number that another could replace")
        }
        let carrier = try Carrier.required(pending.carrier ?? "")
        let number = pending.number ?? ""
        var begun = pending
        let isOwn = parcel.carrier == carrier.code && parcel.number == number
        let isKnown =
            isOwn
            ? carrier.form(of: number) != nil
            : try carrier.check(number, allowsUnusual: pending.allowsUnusual == true, field: PendingCommand.field(0))
        if !isKnown { begun.isUnusual = true }
        if isOwn { return claimed(parcel, orderId, begun) }
        begun.claims = [number]
        begun.granted = 0
        return nextClaim(parcel, orderId, begun) ?? claimed(parcel, orderId, begun)
    }

    /// Ascending, each once: several parcels may be parts of one waybill.
    static func claims(of waybills: [String]) -> [String] { waybills.count > 1 ? Set(waybills).sorted() : waybills }

    static func requireNotReturned(_ parcel: Parcel) throws(Refusal) {
        guard parcel.phase == .returned else { return }
        throw Refusal(.waybillAlreadyReturned, "the number of allocation \(parcel.allocationId) is returned already")
    }

    /// Asks for the next number; nil when none is left. The last one is bound at once, as nothing can go wrong after it, unless a
    /// platform has to take them.
    static func nextClaim(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> Event? {
        guard let claims = pending.claims, let granted = pending.granted, granted < claims.count else { return nil }
        let isLast = granted == claims.count - 1 && pending.channelId == nil
        let claim = NumberClaim(
            parcel.identity(orderId), carrier: pending.carrier ?? "", number: claims[granted],
            kind: pending.kind == .readdress ? .move : isLast ? .bind : .hold)
        return .asked(claim, pending)
    }
}

extension ParcelMachine.PendingCommand {
    /// Main number first.
    var numbers: [String] { (number.map { [$0] } ?? []) + (extraNumbers ?? []) }

    /// The waybill that is claimed for each of the numbers.
    var waybills: [String] { numbers.map { WaybillNumber.waybill(of: $0, carrier: carrier ?? "") } }

    /// The field of the command that holds the number at this place.
    static func field(_ index: Int) -> String { index == 0 ? "waybillNumber" : "extraNumbers[\(index - 1)]" }
}
