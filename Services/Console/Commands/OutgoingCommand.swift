import Contracts
import HTTP
import JSON
import Runtime
import Threads

/// A command that a partner's or a person's request becomes.
struct OutgoingCommand: Sendable, Equatable {
    var topic: String
    var key: String
    var body: [UInt8]
    var envelope: OutgoingEnvelope

    /// A partner's.
    /// - Parameters:
    ///   - id: the same for the same request, so that a copy is recognised.
    ///   - time: when the request came in.
    ///   - correlationId: nil: the request begins a conversation.
    init<Body: Contracts.Message>(
        _ message: Body, to service: ServiceName, key: String, id: String, from provider: Provider, at time: Timestamp,
        correlationId: String? = nil, traceparent: String?
    ) {
        topic = service.commands
        self.key = key
        body = message.json
        envelope = OutgoingEnvelope(
            id: id, type: Body.type, source: "/daifa/console", subject: message.subject ?? key, time: time,
            correlationId: correlationId, actor: Actor(.partner, provider.rawValue), traceparent: traceparent)
    }

    /// Somebody's who has shown who he is.
    /// - Parameters:
    ///   - body: the command's data, as it came.
    ///   - user: the person behind the actor, as an opaque id.
    init(
        type: String, topic: String, key: String, body: [UInt8], id: String, actor: Actor, user: String?, batchId: String? = nil,
        at time: Timestamp, traceparent: String?
    ) {
        self.topic = topic
        self.key = key
        self.body = body
        envelope = OutgoingEnvelope(
            id: id, type: type, source: "/daifa/console", subject: key, time: time, actor: actor, traceparent: traceparent, user: user,
            batchId: batchId)
    }
}

extension HTTPRequest {
    /// The request's trace context, if it is one (W3C Trace Context, version 00).
    var traceparent: String? {
        guard let text = header("traceparent"), text.utf8.count == 55 else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return isHexadecimal && parts.map(\.utf8.count) == [2, 32, 16, 2] && parts[0] == "00" ? text : nil
    }
}
