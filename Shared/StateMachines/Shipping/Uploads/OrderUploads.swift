import Contracts
public import JSON
import Machines

/// Who learns the numbers of an order's shipped parcels.
///
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
/// - What is under way for a number that is amended is begun anew with the new one. It then asks what is there already, as does
///   whatever has been begun before.
/// - A further parcel that is there is not told again: `retry-upload` is answered from what is known.
/// - `retry-upload` needs no policy. It is answered by the outcome, also by one that was under way when it came.
/// - An after-sale (`after-sale-open`) is not tried again by itself.
public struct OrderUploads: DefaultInitializable, Equatable {
    /// One for each target that has to learn something.
    var targets: [TargetUploads]?

    public init() {}

    public static let fields = Fields<OrderUploads>(Field("targets", \.targets))
}

/// What uploads need to know of the rest of an order.
struct UploadSource {
    let orderId: String
    let order: ShippedOrder
    /// By allocation, what is shipped.
    let shipped: (Int) -> ShippedNumber?
}

/// The number under which an allocation is shipped, by a factory or from a partner's warehouse.
struct ShippedNumber: Equatable {
    var carrier: String
    var waybillNumber: String
    var extraNumbers: [String]?
    var returnAddressId: String?
}

extension OrderUploads {
    /// The number of this allocation is new: whoever is to know it is told.
    func changed(_ number: Int, _ source: UploadSource, _ context: Context) -> [UploadStep] {
        var after = self
        var steps: [UploadStep] = []
        for target in UploadTarget.allCases {
            guard let channel = Self.uploadChannel(for: target, of: source.order, context) else { continue }
            let new = after.wanted(number, target, channel, source, context)
            for step in new { after.apply(step) }
            steps += new
        }
        return steps
    }

    // MARK: Channels

    /// Whether anybody is to know the numbers of this order.
    static func isWanted(for order: ShippedOrder, _ context: Context) -> Bool {
        UploadTarget.allCases.contains { uploadChannel(for: $0, of: order, context) != nil }
    }

    private static func uploadChannel(for target: UploadTarget, of order: ShippedOrder, _ context: Context) -> ChannelRow? {
        channel(for: target, of: order, context, isWanted: { $0.policy?.uploadLogistics ?? false })
    }

    /// The order's marketplace, or one of the merchant's ERPs: an active one, if there is one.
    private static func channel(
        for target: UploadTarget, of order: ShippedOrder, _ context: Context, isWanted: (ChannelRow) -> Bool
    ) -> ChannelRow? {
        guard let merchant = order.merchant else { return nil }
        let channels: [ChannelRow] =
            switch target {
            case .marketplace: marketplaceChannels(of: order, merchant, context)
            case .erp: context.tables.channels(of: merchant)
            }
        let fit = channels.filter { $0.merchantShopId == merchant && $0.platform == target.platform && isWanted($0) }
        return fit.first { $0.state == .active } ?? fit.first
    }

    /// The channel that downloaded the order. An order without one came from an export, or from another system: it is told to its
    /// merchant's channel at its platform, if there is only one that can be meant.
    private static func marketplaceChannels(of order: ShippedOrder, _ merchant: String, _ context: Context) -> [ChannelRow] {
        if let id = order.channelId { return context.tables.channel(id).map { [$0] } ?? [] }
        let channels = context.tables.channels(of: merchant).filter { $0.platform == order.platform }
        let active = channels.filter { $0.state == .active }
        return active.count == 1 ? active : channels.count == 1 ? channels : []
    }

    /// Where the buyer may have asked for an after-sale, before the ERP is told. A channel that only may be the order's does not keep the ERP
    /// waiting for its consent.
    private static func channelForCheck(_ order: ShippedOrder, _ context: Context) -> String? {
        let channel = channel(for: .marketplace, of: order, context, isWanted: { _ in true })
        return order.channelId != nil || channel?.state == .active ? channel?.channelId : nil
    }

    // MARK: Telling

    private func wanted(_ number: Int, _ target: UploadTarget, _ channel: ChannelRow, _ source: UploadSource, _ context: Context)
        -> [UploadStep]
    {
        let wanted = UploadStep.wanted(target, Upload(number, channelId: channel.channelId, cause: context.origin))
        var after = self
        after.apply(wanted)
        return [wanted] + after.next(target, source, context)
    }

    /// The upload that is begun next, if none is under way.
    private func next(_ target: UploadTarget, _ source: UploadSource, _ context: Context) -> [UploadStep] {
        let uploads = uploads(to: target)
        guard uploads.underWay == nil, let upload = uploads.nextWaiting else { return [] }
        return begin(target, upload, source, context)
    }

    private func begin(_ target: UploadTarget, _ upload: Upload, _ source: UploadSource, _ context: Context) -> [UploadStep] {
        guard let shipped = source.shipped(upload.number) else { return [] }
        let main = uploads(to: target).main
        var task = UploadTask()
        task.orderId = source.orderId
        task.number = upload.number
        task.channelId = upload.channelId
        task.platformOrderNumber = source.order.platformOrderNumber ?? source.orderId
        task.carrier = shipped.carrier
        task.waybillNumber = shipped.waybillNumber
        task.extraNumbers = upload.hasExtras == true ? nil : shipped.extraNumbers
        task.returnAddressId = shipped.returnAddressId
        if target == .erp { task.marketplaceChannelId = Self.channelForCheck(source.order, context) }
        task.mode =
            if let main, main != upload.number {
                .further
            } else {
                main == nil && upload.steps == nil ? .first : .change
            }
        var origin = upload.cause
        origin.id = "\(task.allocationId)/upload/\(target.rawValue)/\((upload.steps ?? 0) + 1)"
        origin.type = ""
        origin.key = source.orderId
        return [.began(target, task, origin)]
    }

    /// The partner's answer.
    func uploaded(
        _ target: UploadTarget, _ task: UploadTask, _ outcome: UploadOutcome, _ source: UploadSource, _ context: Context
    ) -> [UploadStep] {
        guard let upload = uploads(to: target).underWay, upload.number == task.number else { return [] }
        let origins = upload.retries ?? [context.origin]
        let step: UploadStep =
            if let failure = outcome.failure {
                .failed(Self.failed(source.order, target, task, failure), task.number, origins, isShipped: outcome.isShipped)
            } else {
                .confirmed(Self.confirmed(source.order, target, task), task.number, origins)
            }
        var after = self
        after.apply(step)
        return [step] + after.next(target, source, context)
    }

    private static func confirmed(_ order: ShippedOrder, _ target: UploadTarget, _ task: UploadTask) -> UploadConfirmed {
        UploadConfirmed(
            orderId: task.orderId, allocationId: task.allocationId, merchantShopId: order.merchant ?? "", target: target,
            channelId: task.channelId, carrier: task.carrier, waybillNumber: task.waybillNumber)
    }

    private static func failed(
        _ order: ShippedOrder, _ target: UploadTarget, _ task: UploadTask, _ failure: UploadOutcome.Failure
    ) -> UploadFailed {
        UploadFailed(
            orderId: task.orderId, allocationId: task.allocationId, merchantShopId: order.merchant ?? "", target: target,
            channelId: task.channelId, carrier: task.carrier, waybillNumber: task.waybillNumber, reason: failure.reason,
            partnerCode: failure.partnerCode, message: failure.message)
    }

    // MARK: Once more

    /// Of an order of the merchant who asks.
    func retry(_ command: RetryUpload, _ source: UploadSource, _ context: Context) throws(Refusal) -> [UploadStep] {
        guard let number = AllocationNumber.parse(command.allocationId, of: command.orderId), let shipped = source.shipped(number) else {
            throw Refusal(.notShipped, "\(command.allocationId) is not shipped; there is no number to tell yet")
        }
        let target = command.target
        guard let channel = Self.channel(for: target, of: source.order, context, isWanted: { _ in true }) else {
            throw Refusal(
                .notFound, "order \(command.orderId) has no \(target.rawValue) channel; create one and give its consent", restsOnTable: true
            )
        }
        guard channel.state == .active else {
            throw Refusal(
                .notAuthorized, "channel \(channel.channelId) has no consent in force; give it, and send retry-upload again",
                restsOnTable: true)
        }
        let uploads = uploads(to: target)
        try Bounds.require(
            uploads.upload(number)?.retries?.count ?? 0, below: Bounds.waiting,
            "too many retry-upload commands of \(command.allocationId) wait for its outcome")
        let joined = UploadStep.joined(target, number, context.origin)
        switch uploads.upload(number)?.stage {
        case .waiting: return [joined]
        case .underWay where uploads.main != nil && uploads.main != number: return [joined]
        case .confirmed where uploads.main != number:
            var task = UploadTask()
            task.orderId = command.orderId
            task.number = number
            task.channelId = channel.channelId
            task.carrier = shipped.carrier
            task.waybillNumber = shipped.waybillNumber
            return [.confirmed(Self.confirmed(source.order, target, task), number, [context.origin])]
        case .underWay, .confirmed, .failed, nil:
            var after = self
            let wanted = UploadStep.wanted(target, Upload(number, channelId: channel.channelId, cause: context.origin))
            after.apply(wanted)
            after.apply(joined)
            return [wanted, joined] + after.next(target, source, context)
        }
    }
}

extension UploadTarget {
    /// The platform of its channels.
    fileprivate var platform: String {
        switch self {
        case .marketplace: Platform.pinduoduo.rawValue
        case .erp: Platform.jackyun.rawValue
        }
    }
}

extension OrderUploads {
    func uploads(to target: UploadTarget) -> TargetUploads { targets?.first { $0.target == target } ?? TargetUploads(target) }

    mutating func apply(_ step: UploadStep) {
        switch step {
        case .wanted(let target, let upload):
            change(target) { uploads in
                guard let index = uploads.parcels.firstIndex(where: { $0.number == upload.number }) else {
                    return uploads.parcels.append(upload)
                }
                var known = uploads.parcels.remove(at: index)
                let keepsItsPlace = known.stage == .waiting || known.stage == .underWay
                known.stage = .waiting
                known.channelId = upload.channelId
                known.cause = upload.cause
                uploads.parcels.insert(known, at: keepsItsPlace ? index : uploads.parcels.endIndex)
            }
        case .joined(let target, let number, let origin):
            change(target, number) { $0.retries = ($0.retries ?? []) + [origin] }
        case .began(let target, let task, _):
            change(target, task.number) { upload in
                upload.stage = .underWay
                upload.steps = (upload.steps ?? 0) + 1
            }
        case .confirmed(let message, let number, _):
            change(message.target) { $0.main = $0.main ?? number }
            change(message.target, number) { upload in
                upload.stage = .confirmed
                upload.hasExtras = true
                upload.retries = nil
            }
        case .failed(let message, let number, _, let isShipped):
            if isShipped { change(message.target) { $0.main = $0.main ?? number } }
            change(message.target, number) { upload in
                upload.stage = .failed
                upload.retries = nil
            }
        }
    }

    private mutating func change(_ target: UploadTarget, _ body: (inout TargetUploads) -> Void) {
        var all = targets ?? []
        let index = all.firstIndex { $0.target == target } ?? all.endIndex
        if index == all.endIndex { all.append(TargetUploads(target)) }
        body(&all[index])
        targets = all
    }

    private mutating func change(_ target: UploadTarget, _ number: Int, _ body: (inout Upload) -> Void) {
        change(target) { uploads in
            guard let index = uploads.parcels.firstIndex(where: { $0.number == number }) else { return }
            body(&uploads.parcels[index])
        }
    }
}
