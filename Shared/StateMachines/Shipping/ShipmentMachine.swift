public import Contracts
public import Machines

/// One order in shipping: its parcels at factories (``FactoryParcels``), its orders at partners' warehouses (``Outbounds``), and whom their
/// numbers are told (``OrderUploads``). Aggregate key `order:<orderId>`.
///
/// The three have tables of states of their own; here is what they share: whose order it is, and which of them a message is about. An
/// allocation is either a parcel or an outbound order. A `ship` without allocationId takes the parcels that are ready, or waits for those that
/// are being sealed; when no parcel can be shipped, orders at partners count: they ship by themselves.
///
/// Needs the tables participants, warehouses and channels.
public enum ShipmentMachine: StateMachine {
    public enum Input: Sendable {
        case allocated(Allocated)
        case sealed(AllocationSealed)
        case deallocated(Deallocated)
        case recipientChanged(RecipientChanged)
        case orderHeld(OrderHeld)
        case orderCancelled(OrderCancellationNoted)
        case allocationRefused(Refused, orderId: String)
        case returned(Returned)
        case readdressed(Readdressed)
        case voided(Voided)
        case claimed(Claimed)
        case waybillRefused(Refused, orderId: String)
        case resealed(RecipientResealed)
        case recipientRefused(RecipientRefused)

        case ship(Ship)
        case amend(Amend)

        case retryUpload(RetryUpload)
        case uploaded(UploadTarget, UploadTask, UploadOutcome)
        case pullStatus(PullStatus)
        case cancelOutbound(CancelOutbound)
        /// With what the partner's code means.
        case reportStatus(ReportStatus, OutboundStatusReport)

        case created(OutboundCreation, OutboundCreation.Outcome)
        case cancelEnded(OutboundCancellation, OutboundCancellation.Outcome)
        case queried(OutboundQuery, OutboundQuery.Outcome)
    }

    public static let accepts: [Accepts<ShipmentMachine>] = [
        .message(Allocated.self) { .allocated($0) },
        .message(AllocationSealed.self) { .sealed($0) },
        .message(Deallocated.self) { .deallocated($0) },
        .message(Returned.self) { .returned($0) },
        .message(Readdressed.self) { .readdressed($0) },
        .message(Voided.self) { .voided($0) },
        .message(Claimed.self) { .claimed($0) },
        .message(RecipientRefused.self) { .recipientRefused($0) },
        .message(RecipientResealed.self) { .resealed($0) },
        .message(RecipientChanged.self) { .recipientChanged($0) },
        .message(OrderHeld.self) { .orderHeld($0) },
        .message(OrderCancellationNoted.self) { .orderCancelled($0) },
        .message(Ship.self) { .ship($0) },
        .message(Amend.self) { .amend($0) },
        .message(RetryUpload.self) { .retryUpload($0) },
        .message(CancelOutbound.self) { .cancelOutbound($0) },
    ]

    public static let emits = Emits(
        events: [
            Ready.self, Unready.self, Shipped.self, Amended.self, OutboundCreated.self, OutboundRejected.self, OutboundStatus.self,
            OutboundCancelling.self, OutboundCancelled.self, OutboundCancelFailed.self, OutboundOverdue.self, ReportIgnored.self,
            UploadConfirmed.self,
            UploadFailed.self,
        ], commands: [Seal.self, Release.self, Claim.self],
        effects: [OutboundCreation.self, OutboundCancellation.self, OutboundQuery.self, MarketplaceUpload.self, ERPUpload.self])

    /// Key of an order's aggregate.
    public static func aggregate(_ orderId: String) -> String { "order:\(orderId)" }

    public static func decide(_ state: ShipmentState, _ input: Input, _ context: Context) -> Decision<ShipmentEvent> {
        do throws(Refusal) {
            return .accept(addingUploads(state, try events(state, input, context), context))
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout ShipmentState, _ event: ShipmentEvent) {
        switch event {
        case .known(let order): state.order = order
        case .parcel(let step):
            var parcels = state.parcels ?? FactoryParcels()
            parcels.apply(step)
            state.parcels = parcels
        case .outbound(let step):
            var outbounds = state.outbounds ?? Outbounds()
            outbounds.apply(step)
            state.outbounds = outbounds
        case .upload(let step):
            var uploads = state.uploads ?? OrderUploads()
            uploads.apply(step)
            state.uploads = uploads
        }
    }

    private static func events(_ state: ShipmentState, _ input: Input, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        let order = state.order
        let parcels = state.parcels ?? FactoryParcels()
        let outbounds = state.outbounds ?? Outbounds()
        return switch input {
        case .allocated(let event): allocated(state, event, context)
        case .deallocated(let event): ended(state, event.orderId, event.allocationId, event.merchantShopId, context)
        case .voided(let event): ended(state, event.orderId, event.allocationId, event.merchantShopId, context)
        case .returned(let event): returned(state, event)
        case .readdressed(let event): parcels.readdressed(event, order).map { .parcel($0) }
        case .sealed(let event):
            if let known = outbounds.outbound(event.orderId, event.allocationId) {
                outbounds.sealed(order, known, event, context).map { .outbound($0) }
            } else {
                parcels.sealed(event, order, context).map { .parcel($0) }
            }
        case .allocationRefused(let event, let orderId): sealRefused(state, event, orderId, context)
        case .claimed(let event): parcels.claimed(event, order).map { .parcel($0) }
        case .waybillRefused(let event, let orderId): parcels.claimRefused(event, orderId).map { .parcel($0) }
        case .ship(let command): try ship(state, command, context)
        case .amend(let command): try amend(state, command, context)

        case .recipientChanged(let event): outbounds.recipientChanged(order, event, context).map { .outbound($0) }
        case .resealed(let event): outbounds.resealed(order, event, context).map { .outbound($0) }
        case .recipientRefused(let event): outbounds.recipientRefused(order, event, context).map { .outbound($0) }
        case .orderHeld(let event): outbounds.held(order, event.orderId, Outbounds.cause(of: event.holds), context).map { .outbound($0) }
        case .orderCancelled(let event): outbounds.held(order, event.orderId, .orderCancelled, context).map { .outbound($0) }
        case .pullStatus(let command): try outbounds.pullStatus(order, command, context).map { .outbound($0) }
        case .cancelOutbound(let command): try outbounds.cancelOutbound(order, command, context).map { .outbound($0) }
        case .reportStatus(let command, let reading): try outbounds.reportStatus(order, command, reading, context).map { .outbound($0) }
        case .created(let effect, let outcome): outbounds.created(order, effect, outcome, context).map { .outbound($0) }
        case .cancelEnded(let effect, let outcome): outbounds.cancelEnded(order, effect, outcome, context).map { .outbound($0) }
        case .queried(let effect, let outcome): outbounds.queried(order, effect, outcome, context).map { .outbound($0) }

        case .retryUpload(let command): try retryUpload(state, command, context)
        case .uploaded(let target, let task, let outcome):
            (state.uploads ?? OrderUploads()).uploaded(target, task, outcome, source(state, task.orderId), context).map { .upload($0) }
        }
    }
}
