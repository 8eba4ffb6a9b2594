import Contracts
import Machines

// Uploads of shipped parcels' numbers.
//
/// An order's marketplace and its merchant's ERP, each by the policy of its channel when the parcel is shipped or amended.
///
/// A target is told of the parcels of an order one after another: the first number ships the order there, further ones go beside it.
/// `told` and `not told` are what came of it. "Waits" is the state of a parcel while another one is under way.
///
/// | upload | shipped | amended | retry-upload | told | not told |
/// |---|---|---|---|---|---|
/// | none | upload | upload | upload | – | – |
/// | under way | waits | upload | upload | upload-confirmed | upload-failed |
/// | waits | – | waits | waits | upload-confirmed upload | upload-failed upload |
/// | confirmed | upload | upload | upload | – | – |
/// | failed | upload | upload | upload | – | – |
///
/// - An upload that is under way for a number that is amended is restarted with the new number. A restarted upload first asks the platform
///   which number it already has; so does every upload that an earlier process may have started.
/// - A further parcel that is there is not told again: `retry-upload` is answered from what is known.
/// - `retry-upload` needs no policy. It is answered by the outcome, also by one that was under way when it came.
/// - An after-sale (`after-sale-open`) is not tried again by itself.
extension ShipmentMachine {
    /// The events, with the uploads that follow from them.
    static func withUploads(_ state: ShipmentState, _ events: [ShipmentEvent], _ context: Context) -> [ShipmentEvent] {
        let numbers = events.compactMap(changedNumber)
        guard !numbers.isEmpty else { return events }
        var after = state
        for event in events { evolve(&after, event) }
        var uploads: [ShipmentEvent] = []
        for (orderId, number) in numbers {
            for target in UploadTarget.allCases {
                guard let channel = channel(for: target, of: after, context, isWanted: { $0.policy?.uploadLogistics ?? false }) else {
                    continue
                }
                let new = wanted(after, orderId, number, target, channel, context)
                for event in new { evolve(&after, event) }
                uploads += new
            }
        }
        return events + uploads
    }

    /// The parcel whose number is new.
    private static func changedNumber(_ event: ShipmentEvent) -> (orderId: String, number: Int)? {
        switch event {
        case .shipped(let message, let number, _): (message.orderId, number)
        case .amended(let message, let number, _): (message.orderId, number)
        case .outbound(.shipped(let message, _)):
            AllocationNumber.parse(message.allocationId, of: message.orderId).map { (message.orderId, $0) }
        default: nil
        }
    }

    // MARK: Channels

    /// The order's marketplace, or one of the merchant's ERPs: an active one, if there is one.
    private static func channel(
        for target: UploadTarget, of state: ShipmentState, _ context: Context, isWanted: (ChannelRow) -> Bool
    ) -> ChannelRow? {
        guard let merchant = state.merchant else { return nil }
        let channels: [ChannelRow] =
            switch target {
            case .marketplace: marketplaceChannels(of: state, merchant, context)
            case .erp: context.tables.channels(of: merchant)
            }
        let fit = channels.filter { $0.merchantShopId == merchant && $0.platform == target.platform && isWanted($0) }
        return fit.first { $0.state == .active } ?? fit.first
    }

    /// The channel that downloaded the order. An order without one came from an export, or from another system: it is told to its
    /// merchant's channel at its platform, if there is only one that can be meant.
    private static func marketplaceChannels(of state: ShipmentState, _ merchant: String, _ context: Context) -> [ChannelRow] {
        if let id = state.channelId { return context.tables.channel(id).map { [$0] } ?? [] }
        let channels = context.tables.channels(of: merchant).filter { $0.platform == state.platform }
        let active = channels.filter { $0.state == .active }
        return active.count == 1 ? active : channels.count == 1 ? channels : []
    }

    /// Where the buyer may have asked for an after-sale, before the ERP is told. A channel that only may be the order's does not keep the ERP
    /// waiting for its consent.
    private static func channelForCheck(_ state: ShipmentState, _ context: Context) -> String? {
        let channel = channel(for: .marketplace, of: state, context, isWanted: { _ in true })
        return state.channelId != nil || channel?.state == .active ? channel?.channelId : nil
    }

    // MARK: Telling

    private static func wanted(
        _ state: ShipmentState, _ orderId: String, _ number: Int, _ target: UploadTarget, _ channel: ChannelRow, _ context: Context
    ) -> [ShipmentEvent] {
        let wanted = UploadEvent.wanted(target, Upload(number, channelId: channel.channelId, cause: context.origin))
        var after = state
        after.evolve(wanted)
        return [.upload(wanted)] + next(after, orderId, target, context)
    }

    /// The upload that is begun next, if none is under way.
    private static func next(
        _ state: ShipmentState, _ orderId: String, _ target: UploadTarget, _ context: Context
    ) -> [ShipmentEvent] {
        let uploads = state.uploads(to: target)
        guard uploads.underWay == nil, let upload = uploads.nextWaiting else { return [] }
        return begin(state, orderId, target, upload, context)
    }

    private static func begin(
        _ state: ShipmentState, _ orderId: String, _ target: UploadTarget, _ upload: Upload, _ context: Context
    ) -> [ShipmentEvent] {
        guard let parcel = state.shippedParcel(upload.number) else { return [] }
        let main = state.uploads(to: target).main
        var task = UploadTask()
        task.orderId = orderId
        task.number = upload.number
        task.channelId = upload.channelId
        task.platformOrderNumber = state.platformOrderNumber ?? orderId
        task.carrier = parcel.carrier ?? ""
        task.waybillNumber = parcel.waybillNumber ?? ""
        task.extraNumbers = upload.hasExtras == true ? nil : parcel.extraNumbers
        task.returnAddressId = parcel.returnAddressId
        if target == .erp { task.marketplaceChannelId = channelForCheck(state, context) }
        task.mode =
            if let main, main != upload.number {
                .further
            } else {
                main == nil && upload.steps == nil ? .first : .change
            }
        var origin = upload.cause
        origin.id = "\(task.allocationId)/upload/\(target.rawValue)/\((upload.steps ?? 0) + 1)"
        origin.type = ""
        origin.key = orderId
        return [.upload(.began(target, task, origin))]
    }

    /// The partner's answer.
    static func uploaded(
        _ state: ShipmentState, _ target: UploadTarget, _ task: UploadTask, _ outcome: UploadOutcome, _ context: Context
    ) -> [ShipmentEvent] {
        guard let upload = state.uploads(to: target).underWay, upload.number == task.number else { return [] }
        let origins = upload.retries ?? [context.origin]
        let event: UploadEvent =
            if let failure = outcome.failure {
                .failed(failed(state, target, task, failure), task.number, origins, isShipped: outcome.isShipped)
            } else {
                .confirmed(confirmed(state, target, task), task.number, origins)
            }
        var after = state
        after.evolve(event)
        return [.upload(event)] + next(after, task.orderId, target, context)
    }

    private static func confirmed(_ state: ShipmentState, _ target: UploadTarget, _ task: UploadTask) -> UploadConfirmed {
        var message = UploadConfirmed()
        message.orderId = task.orderId
        message.allocationId = task.allocationId
        message.merchantShopId = state.merchant ?? ""
        message.target = target
        message.channelId = task.channelId
        message.carrier = task.carrier
        message.waybillNumber = task.waybillNumber
        return message
    }

    private static func failed(
        _ state: ShipmentState, _ target: UploadTarget, _ task: UploadTask, _ failure: UploadOutcome.Failure
    ) -> UploadFailed {
        var message = UploadFailed()
        message.orderId = task.orderId
        message.allocationId = task.allocationId
        message.merchantShopId = state.merchant ?? ""
        message.target = target
        message.channelId = task.channelId
        message.carrier = task.carrier
        message.waybillNumber = task.waybillNumber
        message.reason = failure.reason
        message.partnerCode = failure.partnerCode
        message.message = failure.message
        return message
    }

    // MARK: Once more

    /// The data names no merchant: the order's own is the only one who may.
    static func retryUpload(_ state: ShipmentState, _ command: RetryUpload, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        guard context.actor.kind == .merchant else {
            throw Refusal(.forbidden, "only the merchant of order \(command.orderId) may do this, not \(context.actor)")
        }
        try requireOwner(state, command.orderId, context.actor.id, context)
        guard let number = AllocationNumber.parse(command.allocationId, of: command.orderId), state.shippedParcel(number) != nil else {
            throw Refusal(.notShipped, "\(command.allocationId) is not shipped; there is no number to tell yet")
        }
        let target = command.target
        guard let channel = channel(for: target, of: state, context, isWanted: { _ in true }) else {
            throw Refusal(
                .notFound, "order \(command.orderId) has no \(target.rawValue) channel; create one and give its consent", restsOnTable: true
            )
        }
        guard channel.state == .active else {
            throw Refusal(
                .notAuthorized, "channel \(channel.channelId) has no consent in force; give it, and send retry-upload again",
                restsOnTable: true)
        }
        let uploads = state.uploads(to: target)
        try Bounds.require(
            uploads.upload(number)?.retries?.count ?? 0, below: Bounds.waiting,
            "too many retry-upload commands of \(command.allocationId) wait for its outcome")
        let joined = UploadEvent.joined(target, number, context.origin)
        switch uploads.upload(number)?.stage {
        case .waiting: return [.upload(joined)]
        case .underWay where uploads.main != nil && uploads.main != number: return [.upload(joined)]
        case .confirmed where uploads.main != number:
            var task = UploadTask()
            task.orderId = command.orderId
            task.number = number
            task.channelId = channel.channelId
            task.carrier = state.shippedParcel(number)?.carrier ?? ""
            task.waybillNumber = state.shippedParcel(number)?.waybillNumber ?? ""
            return [.upload(.confirmed(confirmed(state, target, task), number, [context.origin]))]
        case .underWay, .confirmed, .failed, nil:
            var after = state
            let wanted = UploadEvent.wanted(target, Upload(number, channelId: channel.channelId, cause: context.origin))
            after.evolve(wanted)
            after.evolve(joined)
            return [.upload(wanted), .upload(joined)] + next(after, command.orderId, target, context)
        }
    }
}

extension UploadTarget {
    /// The platform of its channels.
    fileprivate var platform: String {
        switch self {
        case .marketplace: "pinduoduo"
        case .erp: "jackyun"
        }
    }
}

extension ShipmentState {
    /// The parcel with this number, once it is shipped by a factory or from a partner's warehouse.
    func shippedParcel(_ number: Int) -> Parcel? {
        if let parcel = parcel(number) { return parcel.stage == .shipped ? parcel : nil }
        guard let outbound = outbound(number), outbound.stage == .shipped else { return nil }
        var parcel = Parcel(number, .shipped)
        parcel.carrier = outbound.carrier
        parcel.waybillNumber = outbound.waybillNumber
        parcel.extraNumbers = outbound.extraNumbers
        parcel.returnAddressId = outbound.returnAddressId
        return parcel
    }
}
