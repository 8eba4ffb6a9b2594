public import Contracts
public import JSON
public import Machines
public import Threads

/// The parcels of an order: one for each allocation that a factory has or had. Of those of warehouses nothing is kept: their recipient
/// is only sealed anew, for shipping.
///
/// Key `order:<orderId>`, in the shard of the order's id. A command that needs a number asks the factory's pool (`PoolMachine`) or the
/// numbers themselves (`NumberMachine`) and is under way until they answer. Messages that come for the same allocation meanwhile, other
/// commands and the allocation's end alike, wait in the order in which they came and are decided then: the outcome is always that of
/// one after the other, and each command is answered once. In particular the second of two `return`s goes on if the first is refused
/// and gets `waybill-already-returned` if not, and an allocation that ends during a command ends right after it.
///
/// Decided here, where the contract leaves it open: a voided allocation's commands get `not-allocated`; `obtain` with another carrier
/// while a number is obtained gets `invalid` (`cancel` first); a number that was obtained and not returned stays bound; after `cancel` the
/// next `obtain` gives a new one; labels may be printed again after `return`; the recipient's merge key is taken when the number is
/// requested, and later changes do not move it.
///
/// A label that was printed bears the old door when the recipient changes after it: the parcel is *readdressed*, and asks its numbers
/// whether they stay its own (`NumberMachine`). Its main number does unless another order's parcel bears it too and goes to another door:
/// then `cancelled` follows. Changes of a recipient come in one order, that of their partition; no clock decides which one is newer. What
/// is sealed before shipping hears of the change ships: a parcel that is readdressed, and not returned anew, is then returned again, with the
/// number that shipping names.
///
/// A recipient is kept for `DAIFA_RECIPIENT_RETENTION` after its parcel was shipped, and of a platform's order the label after its number was
/// returned; then it is shredded, and no later news of the order brings it back. One whose allocation is taken back goes with it at once
/// (also when the order was cancelled); one that is neither shipped nor taken back stays, as its label may be printed any day.
///
/// "Its own number" below is the one that the pool gave; "back" are returned, shipped and shredded; "under way" are obtaining, returning,
/// returning two, returning the second, moving and claiming. "Moving" is readdressed, with its number's answer still to come.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | none, awaited | allocated | open | opened |
/// | deallocated first | allocated | voided | opened, voided |
/// | open, obtained, printed, back, voided | allocated | same | |
/// | under way | allocated | same | |
/// | none | allocated to a warehouse | same | effect reseal |
/// | none | deallocated from a warehouse | same | no reseal |
/// | none | recipient-changed of a warehouse | same | effect reseal |
/// | none | resealed | same | recipient-resealed |
/// | none | unreadable recipient | same | recipient-refused |
/// | none, awaited | deallocated | deallocated first | |
/// | open, obtained, printed, back | deallocated | voided | voided |
/// | under way | deallocated | same + one waits | |
/// | voided, deallocated first | deallocated | same | |
/// | none, awaited | recipient-changed | awaited | |
/// | open, obtained, shipped, shredded | recipient-changed | same | |
/// | printed, returned | recipient-changed | moving | readdressed, claim move |
/// | under way | recipient-changed | same + one waits | |
/// | voided, deallocated first | recipient-changed | same | |
/// | none, awaited | shipped | awaited | effect shred-recipient |
/// | open, obtained, printed | shipped | same | effect shred-recipient |
/// | returned | shipped | shipped | effect shred-recipient |
/// | obtaining, returning, returning two, returning the second, claiming | shipped | same | effect shred-recipient |
/// | moving | shipped | same + one waits | effect shred-recipient |
/// | voided, deallocated first, shipped, shredded | shipped | same | |
/// | none | shipped from a warehouse | same | |
/// | none, voided, deallocated first, shredded | shred-recipient | same | |
/// | shipped | shred-recipient | shredded | |
/// | none, awaited | obtain | same | refused not-found |
/// | open | obtain | obtaining | take |
/// | obtained, printed | obtain | same | obtained |
/// | obtained, printed | obtain of another carrier | same | refused invalid |
/// | back | obtain | same | refused waybill-already-returned |
/// | voided, deallocated first | obtain | same | refused not-allocated |
/// | under way | obtain | same + one waits | |
/// | none, awaited | mark-printed | same | refused not-found |
/// | open | mark-printed | same | refused waybill-not-obtained |
/// | obtained, printed | mark-printed | printed | printed |
/// | returned, shipped | mark-printed | same | printed |
/// | shredded | mark-printed | same | refused already-shipped |
/// | voided, deallocated first | mark-printed | same | refused not-allocated |
/// | under way | mark-printed | same + one waits | |
/// | none, awaited | report-reprint | same | refused not-found |
/// | open, obtained | report-reprint | same | refused waybill-not-obtained |
/// | printed, back | report-reprint | same | reprint-reported |
/// | voided, deallocated first | report-reprint | same | refused not-allocated |
/// | under way | report-reprint | same + one waits | |
/// | none, awaited | return | same | refused not-found |
/// | open, obtained, printed | return | returning | claim bind |
/// | open, obtained, printed | return of two | returning two | claim hold |
/// | obtained, printed | return of its own number | returned | returned |
/// | back | return | same | refused waybill-already-returned |
/// | voided, deallocated first | return | same | refused not-allocated |
/// | under way | return | same + one waits | |
/// | none, awaited | cancel | same | refused not-found |
/// | open | cancel | same | refused waybill-not-obtained |
/// | obtained, printed | cancel | open | cancelled |
/// | back | cancel | same | refused waybill-already-returned |
/// | voided, deallocated first | cancel | same | refused not-allocated |
/// | under way | cancel | same + one waits | |
/// | none, awaited | claim | same | refused not-found |
/// | open, obtained, printed | claim | same | refused waybill-not-returned |
/// | back | claim | claiming | claim bind |
/// | back | claim of its own number | same | claimed |
/// | voided, deallocated first | claim | same | refused not-allocated |
/// | under way | claim | same + one waits | |
/// | none, awaited | open-label | same | refused not-found |
/// | open | open-label | same | refused waybill-not-obtained |
/// | obtained, printed, returned, shipped | open-label | same | effect open-label |
/// | shredded | open-label | same | refused not-found |
/// | voided, deallocated first | open-label | same | refused not-allocated |
/// | under way | open-label | same + one waits | |
/// | none, awaited | sealed label | same | refused not-found |
/// | open | sealed label | same | refused waybill-not-obtained |
/// | obtained, printed, returned, shipped | sealed label | same | label-opened |
/// | obtained, printed, returned, shipped | sealed label of an old door | same | effect open-label |
/// | obtained, printed, returned, shipped | unreadable label | same | refused not-found |
/// | shredded | sealed label | same | refused not-found |
/// | voided, deallocated first | sealed label | same | refused not-allocated |
/// | obtaining | granted | obtained | obtained |
/// | obtaining | empty | open | refused number-pool-empty |
/// | returning | granted | returned | returned |
/// | returning, returning two | used | open | refused waybill-number-used |
/// | returning two | granted | returning the second | claim bind |
/// | returning the second | granted | returned | settle keep, returned |
/// | returning the second | used | open | settle give back, refused waybill-number-used |
/// | moving | granted | obtained | |
/// | moving | used | open | cancelled |
/// | claiming | granted | returned | claimed |
/// | claiming | used | returned | refused waybill-number-used |
/// | none, awaited, deallocated first, open, obtained, printed, back, voided | granted | same | |
public enum ParcelMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        /// The order's parcels, sorted by their allocations' ids, so that facts in any order give the same state.
        public var parcels: [Parcel] = []
        /// nil: no ERP ever had one of them.
        public var erp: ParcelERP?

        public init() {}

        public static let fields = Fields<State>(Field("parcels", \.parcels), Field("erp", \.erp))

        func parcel(_ allocationId: String) -> Parcel? { parcels.first { $0.allocationId == allocationId } }
    }

    public enum Phase: String, JSONEnumeration {
        /// Something is known of the allocation, but not yet that it was made.
        case awaited
        /// Known to be taken back, but not yet that it was made.
        case deallocatedBeforeAllocated = "deallocated first"
        case open, obtained, printed, returned, voided
    }

    /// The parcel of one allocation.
    public struct Parcel: DefaultInitializable, Equatable {
        public var allocationId = ""
        public var merchantShopId = ""
        public var factoryShopId = ""
        public var phase = Phase.awaited
        public var mergeKey: String?
        public var carrier: String?
        public var number: String?
        public var extraNumbers: [String]?
        /// How often the label of this number was printed.
        public var copies: Int?
        /// The command under way, and what waits for its end.
        public var pending: [PendingCommand]?
        /// For the label.
        public var area: Area?
        public var recipientSealed: Verbatim<Sealed>?
        public var sender: Verbatim<Sender>?
        /// The platform's part, of an order that the platform gave to the factory.
        public var platform: PlatformParcel?
        /// The recipient is not the one it was allocated with.
        public var hasNewRecipient: Bool?
        /// A label of it bears an old door, and no number was returned since.
        public var isReaddressed: Bool?
        public var shippedAt: Timestamp?
        /// Where its order came from, if it did from a channel of its merchant: the place to decrypt a recipient that the platform has encrypted.
        public var channelId: String?
        /// The recipient was deleted, and stays away.
        public var isShredded: Bool?

        public init() {}

        public init(_ allocationId: String, merchant: String, factory: String, phase: Phase) {
            self.allocationId = allocationId
            merchantShopId = merchant
            factoryShopId = factory
            self.phase = phase
        }

        public static let fields = Fields<Parcel>(
            Field("allocationId", \.allocationId), Field("merchant", \.merchantShopId), Field("factory", \.factoryShopId),
            Field("phase", \.phase), Field("mergeKey", \.mergeKey), Field("carrier", \.carrier), Field("number", \.number),
            Field("extra", \.extraNumbers), Field("copies", \.copies, 0...Int.max), Field("pending", \.pending), Field("area", \.area),
            Field("sealed", \.recipientSealed), Field("sender", \.sender), Field("changed", \.hasNewRecipient),
            Field("readdressed", \.isReaddressed),
            Field("platform", \.platform), Field("shippedAt", \.shippedAt), Field("channel", \.channelId),
            Field("shredded", \.isShredded))

        /// The parcel as its numbers know it.
        func identity(_ orderId: String) -> ParcelIdentity {
            ParcelIdentity(
                orderId: orderId, allocationId: allocationId, merchantShopId: merchantShopId, factoryShopId: factoryShopId,
                mergeKey: mergeKey)
        }
    }

    /// A command, or a fact that changes the parcel as one does, that is under way or waits.
    public struct PendingCommand: Declared, Equatable {
        public enum Kind: String, JSONEnumeration {
            case obtain, print, reprint, `return`, cancel, claim, label
            /// The allocation has ended.
            case void
            /// The recipient has changed.
            case readdress
            /// Shipping has shipped it.
            case ship
        }

        public var kind = Kind.obtain
        /// The message that the command's answer answers.
        public var origin: Origin
        public var carrier: String?
        public var number: String?
        public var extraNumbers: [String]?
        /// The numbers that must be claimed, ascending; empty: the pool chooses; nil: not begun.
        public var claims: [String]?
        /// How many of them are granted; of a parcel that is readdressed: have answered.
        public var granted: Int?
        /// The command takes numbers of no known form.
        public var allowsUnusual: Bool?
        /// One of the numbers has none.
        public var isUnusual: Bool?
        /// The number is not the readdressed parcel's own any more.
        public var isLost: Bool?
        /// Where the platform is asked, for an order that it gave to the factory.
        public var channelId: String?
        /// The platform's answer is awaited.
        public var isAtPlatform: Bool?
        /// The label of the platform's number, until that is bound.
        public var label: PlatformLabel?
        /// The reason for a label that was printed again.
        public var reason: String?
        /// The print job that wants the label, and its key.
        public var jobId: String?
        public var publicKey: String?

        public init(blank: Blank) { origin = Origin(blank: blank) }

        init(_ kind: Kind, _ origin: Origin, carrier: String? = nil, number: String? = nil, extraNumbers: [String]? = nil) {
            self.kind = kind
            self.origin = origin
            self.carrier = carrier
            self.number = number
            self.extraNumbers = extraNumbers
        }

        public static let fields = Fields<PendingCommand>(
            Field("kind", \.kind), Field("origin", \.origin), Field("carrier", \.carrier), Field("number", \.number),
            Field("extra", \.extraNumbers), Field("claims", \.claims), Field("granted", \.granted, 0...Int.max),
            Field("allowsUnusual", \.allowsUnusual), Field("unusual", \.isUnusual), Field("lost", \.isLost),
            Field("channelId", \.channelId), Field("atPlatform", \.isAtPlatform), Field("label", \.label), Field("reason", \.reason),
            Field("job", \.jobId), Field("publicKey", \.publicKey))
    }

    public enum Input: Sendable {
        case allocated(Allocated)
        case deallocated(Deallocated)
        case recipientChanged(RecipientChanged)
        case shipped(Shipped)
        case shreds(RecipientShredding)
        case obtain(Obtain)
        case markPrinted(MarkPrinted)
        case reportReprint(ReportReprint)
        case `return`(Return)
        case cancel(Cancel)
        case claim(Claim)
        case openLabel(OpenLabel)
        case answer(ParcelAnswer)
        case resealed(Resealing, Resealing.Outcome)
        case platform(PlatformCall, PlatformCall.Outcome)
        case label(LabelOpening, LabelOpening.Outcome)
        case erp(ParcelERP.Input)
    }

    public static let accepts: [Accepts<ParcelMachine>] = [
        .message(Allocated.self) { .allocated($0) },
        .message(Deallocated.self) { .deallocated($0) },
        .message(RecipientChanged.self) { .recipientChanged($0) },
        .message(Shipped.self) { .shipped($0) },
        .message(Obtain.self) { .obtain($0) },
        .message(MarkPrinted.self) { .markPrinted($0) },
        .message(ReportReprint.self) { .reportReprint($0) },
        .message(Return.self) { .return($0) },
        .message(Cancel.self) { .cancel($0) },
        .message(Claim.self) { .claim($0) },
        .message(OpenLabel.self) { .openLabel($0) },
        .item(ParcelAnswer.self) { .answer($0) },
    ]

    public static let emits = Emits(
        events: [
            Opened.self, Obtained.self, Printed.self, ReprintReported.self, Returned.self, WaybillCancelled.self, Claimed.self,
            Readdressed.self, Voided.self, LabelOpened.self,
            RecipientResealed.self, RecipientRefused.self, ERPOrderCreated.self, ERPOrderCancelled.self, ERPOrderFailed.self,
        ], items: [PoolNumberRequest.self, NumberClaim.self, NumberClaimResolved.self],
        effects: [
            PlatformCall.self, Resealing.self, LabelOpening.self, RecipientShredding.self, ERPOrderCreation.self, ERPOrderCancellation.self,
        ])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        do throws(Refusal) {
            return .accept(addingERPSteps(state, try events(state, input, context), context))
        } catch {
            return .refuse(error)
        }
    }

    private static func events(_ state: State, _ input: Input, _ context: Context) throws(Refusal) -> [Event] {
        switch input {
        case .allocated(let fact): allocated(state, fact, context)
        case .deallocated(let fact): deallocated(state, fact, context)
        case .recipientChanged(let fact): recipientChanged(state, fact, context)
        case .shipped(let fact): shipped(state, fact, context)
        case .shreds(let effect): shreds(state, effect)
        case .answer(let item): answered(state, item, context)
        case .resealed(let effect, let outcome): [resealed(effect, outcome)]
        case .platform(let call, let outcome): platformAnswered(state, call, outcome, context)
        case .label(let effect, let outcome): [labelAnswered(state, effect, outcome, context)]
        case .erp(let input): erp(state, input, context)
        case .obtain(let command): try obtain(state, command, context)
        case .markPrinted(let command): try markPrinted(state, command, context)
        case .reportReprint(let command): try reportReprint(state, command, context)
        case .return(let command): try `return`(state, command, context)
        case .cancel(let command): try cancel(state, command, context)
        case .claim(let command): try claim(state, command, context)
        case .openLabel(let command): try openLabel(state, command, context)
        }
    }
}
