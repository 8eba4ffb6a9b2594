public import Contracts
public import JSON
public import Machines

/// Opens the recipient of a parcel, or takes its platform's e-waybill, and seals it for a print job. Nothing in clear is kept.
public struct LabelOpening: Effect {
    public enum Outcome: Sendable, Equatable {
        /// What the label needs, sealed for the job.
        case sealed(SealedLabel)
        /// A final refusal: the recipient cannot be opened, the platform does not decrypt it, the job's key is none.
        case refused(Refusal)
    }
    public typealias Answer = Outcome

    public static let kind = "open-label"
    public static let reports: [any Message.Type] = [ReportToken.self]
    /// The command that asked: two of one job are answered each.
    public var commandId = ""
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var channelId: String?
    public var jobId = ""
    public var publicKey = ""
    public var carrier = ""
    public var number = ""
    public var extraNumbers: [String]?
    public var sender: Verbatim<Sender>?
    /// The area in clear, which a platform-encrypted recipient does not hold.
    public var area: Area?
    /// The recipient, sealed for waybill; nil: the platform has made the label.
    public var recipientSealed: Verbatim<Sealed>?
    public var label: PlatformLabel?

    public init() {}

    public static let fields = Fields<LabelOpening>(
        Field("commandId", \.commandId), Field("orderId", \.orderId), Field("allocationId", \.allocationId),
        Field("merchant", \.merchantShopId), Field("channelId", \.channelId), Field("job", \.jobId), Field("publicKey", \.publicKey),
        Field("carrier", \.carrier), Field("number", \.number), Field("extra", \.extraNumbers), Field("sender", \.sender),
        Field("area", \.area), Field("recipient", \.recipientSealed), Field("label", \.label))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { "\(allocationId)|\(commandId)" }
}

extension ParcelMachine {
    /// What is to be sealed for the label, as the parcel is now.
    static func opening(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) throws(Refusal) -> LabelOpening {
        guard let number = parcel.number else {
            throw Refusal(.waybillNotObtained, "allocation \(parcel.allocationId) has no number to print; obtain one first")
        }
        guard parcel.isShredded != true else {
            throw Refusal(
                .notFound,
                "allocation \(parcel.allocationId) was shipped so long ago that its recipient was deleted; its label cannot be printed again",
                field: "recipient")
        }
        var opening = LabelOpening()
        opening.commandId = pending.origin.id
        opening.orderId = orderId
        opening.allocationId = parcel.allocationId
        opening.merchantShopId = parcel.merchantShopId
        opening.jobId = pending.jobId ?? ""
        opening.publicKey = pending.publicKey ?? ""
        opening.carrier = parcel.carrier ?? ""
        opening.number = number
        if let platform = parcel.platform {
            guard let label = platform.label, !label.data.isEmpty else { throw noLabel(parcel) }
            opening.label = label
            return opening
        }
        guard let recipient = parcel.recipientSealed else {
            throw Refusal(.notFound, "nobody has told the recipient of order \(orderId)", field: "recipient")
        }
        opening.channelId = parcel.channelId
        opening.extraNumbers = parcel.extraNumbers
        opening.sender = parcel.sender
        opening.area = parcel.area
        opening.recipientSealed = recipient
        return opening
    }

    /// A platform's parcel whose label the platform has to give first, or has never given.
    private static func noLabel(_ parcel: Parcel) -> Refusal {
        parcel.phase == .returned
            ? Refusal(
                .notFound, "the platform has given no label for allocation \(parcel.allocationId): its number was returned without one",
                field: "recipient")
            : Refusal(.waybillNotObtained, "allocation \(parcel.allocationId) has no label of the platform; obtain its number again")
    }

    /// A label that is sealed counts only for the parcel as it is now: not with an old door, a number that was given up, or of one taken back.
    static func labelAnswered(_ state: State, _ effect: LabelOpening, _ outcome: LabelOpening.Outcome, _ context: Context) -> Event {
        var pending = PendingCommand(.label, context.origin)
        pending.jobId = effect.jobId
        pending.publicKey = effect.publicKey
        do throws(Refusal) {
            let parcel = try known(state, effect.allocationId)
            try requireAllocated(parcel)
            var current = try opening(parcel, effect.orderId, pending)
            current.commandId = effect.commandId
            guard current == effect else { return .asksLabelAgain(current, context.origin) }
            switch outcome {
            case .refused(let refusal): throw refusal
            case .sealed(let sealed):
                let message = LabelOpened(
                    orderId: effect.orderId, allocationId: effect.allocationId, merchantShopId: parcel.merchantShopId,
                    factoryShopId: parcel.factoryShopId, jobId: effect.jobId, labelSealed: sealed)
                return .labelOpened(message, context.origin)
            }
        } catch { return .labelRefused(error, context.origin) }
    }
}
