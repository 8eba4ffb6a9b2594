import Contracts
import JSON
import Threads

extension Reading {
    func readEvent(_ value: [UInt8]?, _ service: ServiceName, isRefusal: Bool) throws(JSONError) {
        let type = place.envelope.type
        guard let value, !place.envelope.id.isEmpty else { return }
        if isRefusal { return try readRefusal(value) }
        switch service {
        case .allocation where type == RulePut.type || type == RuleRemoved.type: break
        case .allocation: try readOrderEvent(value)
        case .waybill where type == ToppedUp.type: body = .segment(try SegmentEvent.decodeStored(value))
        case .waybill where type == NumberFetchFailed.type || type == RecipientResealed.type || type == LabelOpened.type: break
        case .waybill: try readOrderEvent(value)
        case .shipping: try readShipping(value)
        case .authorization: try readAuthorization(value)
        case .binding where type == Applied.type:
            let event = try PairEvent.decodeStored(value)
            body = .application("\(event.merchantShopId)~\(event.factoryShopId)", event)
        case .binding, .console: break
        }
        if orderId == nil, let cause = place.envelope.causation, place.envelope.behalf != nil {
            message = message(of: cause, topic: place.topic)
        }
    }

    private func readOrderEvent(_ value: [UInt8]) throws(JSONError) {
        let event = try OrderEvent.decodeStored(value)
        if let id = event.orderId { body = .order(id, EventBox(event)) }
    }

    private func readShipping(_ value: [UInt8]) throws(JSONError) {
        switch place.envelope.type {
        case UploadConfirmed.type, UploadFailed.type:
            let event = try UploadEvent.decodeStored(value)
            if let id = event.orderId { body = .upload(id, event) }
        case InboundCreated.type, InboundStatus.type, InboundOverdue.type:
            let event = try InboundEvent.decodeStored(value)
            if let id = event.inboundId { body = .inbound(id, event) }
        case StockReported.type: break
        default: try readOrderEvent(value)
        }
    }

    private func readAuthorization(_ value: [UInt8]) throws(JSONError) {
        switch place.envelope.type {
        case ConsentRequested.type, Granted.type, ConsentFailed.type, Refreshed.type, Expired.type, Revoked.type, WarehouseCreated.type:
            let event = try AuthorizationEvent.decodeStored(value)
            if let id = event.authorizationId { body = .authorization(id, event) }
        default: break
        }
    }

    private func readRefusal(_ value: [UInt8]) throws(JSONError) {
        let refused = try Refused.decodeStored(value)
        refusedActor = refused.actor ?? place.envelope.behalf.flatMap { Actor($0) }
        // An order's commands have its id as key; an inbound order's commands share a type with them and are not told apart.
        if let key, Projection.orderCommands.contains(refused.commandType) {
            body = .refusal(key, refused)
        } else {
            message = message(of: refused.commandId, topic: place.topic)
        }
    }
}
