import Contracts
import JSON
import Machines

/// How far a partner's warehouse is: by push, poll and `pull-status`. A state never goes backwards, whatever comes in whatever order.
extension Outbounds {
    // MARK: Push

    func reportStatus(
        _ order: ShippedOrder, _ command: ReportStatus, _ reading: OutboundStatusReport, _ context: Context
    ) throws(Refusal) -> [OutboundStep] {
        try Self.requireOne(command.orderId, command.inboundId)
        try context.require(.partner, command.partner)
        let orderId = command.orderId ?? ""
        guard let known = reported(orderId, command), known.partnerNumber == command.partnerNumber,
            context.tables.warehouse(known.warehouseId).map({ $0.provider == command.partner }) ?? true
        else { throw PartnerWarehouse.noPartner("number \(command.partnerNumber) of \(command.partner)") }
        return draft(known, orderId, order, context) { draft in
            guard context.tables.warehouse(known.warehouseId)?.messageSubscription == true else {
                return draft.add(.ignored(draft.ignored(command, .notSubscribed), context.origin))
            }
            guard known.isAtPartner else { return draft.add(.ignored(draft.ignored(command, .notNewer), context.origin)) }
            // A report about the whole does not hold for each part, and a parcel ships under a number.
            if known.isSplit == true || known.lacksNumber(reading) {
                return draft.add(.query(draft.query(reading), due: nil, context.origin))
            }
            if draft.isNews(reading) {
                draft.learn(reading, origin: context.origin, isPush: true)
                draft.hasHeard()
            } else {
                draft.add(.ignored(draft.ignored(command, .notNewer), context.origin))
            }
        }
    }

    private func reported(_ orderId: String, _ command: ReportStatus) -> Outbound? {
        if let allocationId = command.allocationId { return outbound(orderId, allocationId) }
        return list?.first { $0.partnerNumber == command.partnerNumber }
    }

    // MARK: pull-status

    func pullStatus(_ order: ShippedOrder, _ command: PullStatus, _ context: Context) throws(Refusal) -> [OutboundStep] {
        try Self.requireOne(command.orderId, command.inboundId)
        try context.require(.merchant, command.merchantShopId)
        let orderId = command.orderId ?? ""
        try requirePartner(order, orderId, command.merchantShopId)
        let known = (list ?? []).filter(\.isAtPartner)
        guard let first = known.first else { throw PartnerWarehouse.noPartner("order \(orderId)") }
        let open = known.filter { PartnerWarehouse.isOpen($0.warehouseId, context) }
        guard !open.isEmpty else {
            throw PartnerWarehouse.notAuthorized(first.warehouseId, context.tables.warehouse(first.warehouseId)?.state)
        }
        try Bounds.require(
            pulls?.count ?? 0, below: Bounds.waiting, "too many pull-status commands of this order wait for its partner")
        let queries = open.map { outbound in
            let draft = OutboundDraft(outbound, orderId, order, pulls, context)
            return OutboundStep.query(draft.query(.pull, commandId: context.origin.id), due: nil, context.origin)
        }
        return [.pulled(PendingPull(context.origin, waits: open.map(\.number)))] + queries
    }

    /// Checks the rule that declared fields cannot express: exactly one of the two ids.
    static func requireOne(_ orderId: String?, _ inboundId: String?) throws(Refusal) {
        guard (orderId == nil) != (inboundId == nil) else {
            throw Refusal(.invalid, "expected exactly one of orderId and inboundId", field: "orderId")
        }
    }

    // MARK: The partner's answer

    func queried(
        _ order: ShippedOrder, _ effect: OutboundQuery, _ outcome: OutboundQuery.Outcome, _ context: Context
    ) -> [OutboundStep] {
        guard let known = outbound(effect.number) else { return [] }
        return draft(known, effect.orderId, order, context) { draft in
            switch effect.purpose {
            case .poll:
                var isNews = false
                if case .reading(let reading) = outcome, draft.isNews(reading) {
                    draft.learn(reading, origin: context.origin)
                    isNews = true
                }
                draft.poll(isNews: isNews)
            case .pull: draft.answerPull(outcome)
            case .push: draft.answerPush(effect, outcome)
            }
        }
    }
}

extension Outbound {
    /// It is out of the door under a number that nobody has told of yet.
    fileprivate func lacksNumber(_ reading: OutboundStatusReport) -> Bool {
        stage == .created && reading.state?.isOutOfTheDoor == true && reading.waybillNumber == nil && waybillNumber == nil
    }
}

extension OutboundDraft {
    /// Whether the reading changes what is known.
    fileprivate func isNews(_ reading: OutboundStatusReport) -> Bool {
        guard outbound.isAtPartner else { return false }
        if let next = reading.state, next.rank > outbound.state?.rank ?? -1 { return true }
        if outbound.waybillNumber == nil, reading.waybillNumber != nil { return true }
        guard outbound.stage == .created else { return false }
        if isOutOfTheDoor(reading), outbound.waybillNumber != nil { return true }
        return reading.cancellation == .cancelled || (reading.cancellation == .failed && outbound.cancel != nil)
    }

    /// Takes over what is new, tells it, and what follows from it.
    /// - Parameter isPush: a query may repeat how an earlier cancellation ended; what is pushed has just happened.
    fileprivate mutating func learn(_ reading: OutboundStatusReport, origin: Origin, isPush: Bool = false) {
        take(reading)
        add(.status(status(code: reading.code, at: reading.occurredAt), origin))
        conclude(reading, isPush: isPush)
    }

    private mutating func take(_ reading: OutboundStatusReport) {
        guard outbound.isAtPartner else { return }
        if reading.isSplit { outbound.isSplit = true }
        if let number = reading.waybillNumber, outbound.stage == .created {
            outbound.waybillNumber = number
            outbound.carrier = reading.carrier ?? outbound.carrier
            if !reading.extraNumbers.isEmpty { outbound.extraNumbers = reading.extraNumbers }
        }
        guard let next = reading.state else { return }
        if next.rank >= outbound.state?.rank ?? -1,
            let lines = counted(reading),
            !lines.isEmpty
        {
            outbound.counted = lines
        }
        guard next.rank > outbound.state?.rank ?? -1 else { return }
        outbound.state = next
        outbound.code = reading.code
        outbound.occurredAt = reading.occurredAt
    }

    /// All of it. That the whole was reported so, before anybody knew of its parts, says nothing of them.
    private func isOutOfTheDoor(_ reading: OutboundStatusReport) -> Bool {
        let isSplit = outbound.isSplit == true || reading.isSplit
        return isSplit ? reading.state?.isOutOfTheDoor == true : outbound.state?.isOutOfTheDoor == true
    }

    /// A part's lines are not counted as the whole's are.
    private func counted(_ reading: OutboundStatusReport) -> [CountedLine]? {
        let sent = (outbound.lines ?? []).map(\.sku)
        return reading.lines?.counted(in: reading.isSplit && sent.count > 1 ? [] : sent)
    }

    private mutating func conclude(_ reading: OutboundStatusReport, isPush: Bool) {
        guard outbound.stage == .created else { return }
        if outbound.state?.isOutOfTheDoor == true {
            guard outbound.waybillNumber != nil, isOutOfTheDoor(reading) else { return }
            cancelFailed("it is out of the door")
            shipped()
        } else if reading.cancellation == .cancelled {
            // Without our wish the partner has cancelled it by itself.
            cancelled(outbound.cancel?.cause ?? .targetRejected)
        } else if reading.cancellation == .failed, isPush {
            cancelFailed("the partner could not cancel it any more")
        }
    }

    fileprivate mutating func answerPull(_ outcome: OutboundQuery.Outcome) {
        let pull = pulls?.first { $0.origin.id == context.origin.id }
        var isAnswer = false
        switch outcome {
        case .reading(let reading):
            isAnswer = true
            let isNews = isNews(reading)
            learn(reading, origin: context.origin)
            if isNews || outbound.polls?.pause == nil { hasHeard() }
        case .rejected(let refusal): refuse(pull, refusal.refusal)
        case .closed: refuse(pull, PartnerWarehouse.notAuthorized(outbound.warehouseId))
        case .notSubscribed, .unanswered: break
        }
        add(.pullEnded(originId: context.origin.id, number: outbound.number, isAnswer: isAnswer))
    }

    /// Only when no other allocation of the order has an answer, or may get one.
    private mutating func refuse(_ pull: PendingPull?, _ refusal: Refusal) {
        guard let pull, !pull.hasAnswer, pull.waits == [outbound.number] else { return }
        add(.refused(refusal, context.origin))
    }

    fileprivate mutating func answerPush(_ effect: OutboundQuery, _ outcome: OutboundQuery.Outcome) {
        var isSplit = outbound.isSplit == true
        var isAnswered = false
        if case .reading(let reading) = outcome {
            isSplit = isSplit || reading.isSplit
            if isNews(reading) {
                learn(reading, origin: context.origin, isPush: true)
                isAnswered = true
            }
        }
        // The partner's answer may be older than its push, or there may be none: what was pushed has happened all the same. Of a split order
        // it says nothing of the parts.
        if !isSplit, let pushed = effect.pushed.map(OutboundStatusReport.init), isNews(pushed) {
            learn(pushed, origin: context.origin, isPush: true)
            isAnswered = true
        }
        if isAnswered { return hasHeard() }
        let message = ReportIgnored(
            orderId: orderId, allocationId: allocationId, partnerNumber: effect.partnerNumber, partnerCode: effect.pushed?.code ?? "",
            reason: .notNewer)
        add(.ignored(message, context.origin))
    }
}
