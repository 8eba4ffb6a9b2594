import Contracts
public import HTTP
public import JSON
public import Threads

/// Calls Pinduoduo's open platform: signs, sends, and opens the envelope.
///
/// `POST https://gw-api.pinduoduo.com/api/router`, a form; objects and lists are sent as JSON text (open.pinduoduo.com; there is no
/// sandbox). It keeps nothing: tokens are given with each call. All methods throw `PartnerError`.
public struct PinduoduoGateway: Sendable {
    static let partner = "pinduoduo"

    /// The application registered with the platform.
    public struct Application: Sendable, CustomStringConvertible, CustomReflectable {
        public let clientId: String
        let clientSecret: String

        public init(clientId: String, clientSecret: String) {
            self.clientId = clientId
            self.clientSecret = clientSecret
        }

        public var description: String { "application \(clientId)" }
        public var customMirror: Mirror { Mirror(self, children: ["clientId": clientId]) }
    }

    public struct Endpoints: Sendable {
        public var authorize: String
        public var gateway: String
        public var messages: String

        public init(
            authorize: String = "https://fuwu.pinduoduo.com/service-market/auth",
            gateway: String = "https://gw-api.pinduoduo.com/api/router",
            messages: String = "wss://message-api.pinduoduo.com/message"
        ) {
            self.authorize = authorize
            self.gateway = gateway
            self.messages = messages
        }
    }

    /// Calls a second that the platform allows (pages of open.pinduoduo.com; `*_LIMITERS` of pdd-node-sdk); of other operations none is
    /// public.
    public static let rates = CallRates(
        [
            "pdd.fds.order.get": .init(total: 2000, perShop: 200), "pdd.order.list.get": .init(total: 500, perShop: 100),
            "pdd.fds.role.get": .init(perShop: 10), "pdd.fds.waybill.get": .init(total: 1000),
            "pdd.fds.waybill.return": .init(total: 2400), "pdd.fds.waybill.cancel": .init(total: 1000),
            "pdd.logistics.online.send": .init(total: 5000), "pdd.refund.list.increment.get": .init(perShop: 10),
            "pdd.refund.status.check": .init(perShop: 40),
        ], others: .init(perShop: 50))

    let application: Application
    let endpoints: Endpoints
    private let wire: Wire
    let now: @Sendable () -> Timestamp

    /// - Parameter now: wall-clock time; the platform refuses requests that are more than ten minutes off.
    public init(
        application: Application, endpoints: Endpoints = Endpoints(), sender: any HTTPSender, timeout: Double = 10,
        control: CallControl? = nil, now: @escaping @Sendable () -> Timestamp
    ) {
        self.application = application
        self.endpoints = endpoints
        self.now = now
        wire = Wire(partner: Self.partner, sender: sender, timeout: timeout, control: control)
    }

    /// - Parameters:
    ///   - type: the platform's name of the call.
    ///   - parameters: business parameters; null is left out.
    ///   - changes: whether the call changes something, so that an internal error leaves open whether it has (`PinduoduoFault`).
    /// - Returns: what is inside the envelope.
    public func call(
        _ type: String, _ parameters: [(name: String, value: JSONValue)] = [], token: String? = nil, changes: Bool = false
    ) async throws(PartnerError) -> JSONValue {
        var fields = [
            (name: "client_id", value: application.clientId), ("data_type", "JSON"), ("timestamp", String(now().milliseconds / 1000)),
            ("type", type), ("version", "V1"),
        ]
        if let token { fields.append(("access_token", token)) }
        for (name, value) in parameters {
            if let text = Self.text(of: value) { fields.append((name, text)) }
        }
        fields.append(("sign", PinduoduoSignature.sign(fields, secret: application.clientSecret)))
        let request = HTTPClientRequest(
            method: "POST", url: endpoints.gateway, headers: [("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")],
            body: Array(FormEncoding.encode(fields).utf8))
        return try await wire.call(type, shop: token, hiding: hidden(parameters, token)) { () async throws(PartnerError) in
            // The status of errors is not documented: the body is believed.
            let answer = try await wire.json(type, request) { $0["error_response"] != nil }
            return try read(answer, of: type, changes: changes)
        }
    }

    private func read(_ answer: JSONValue, of type: String, changes: Bool) throws(PartnerError) -> JSONValue {
        if let error = answer["error_response"] {
            throw PinduoduoFault(error).error(of: type, changes: changes)
        }
        guard let content = Self.content(of: answer, type: type) else {
            throw failure(.outcomeOpen, type, "an answer without an envelope")
        }
        // Some envelopes have the error inside, 0 being none (the page of pdd.refund.address.list.get).
        if let code = content["error_code"]?.wireInt, code != 0 {
            throw PinduoduoFault(content).error(of: type, changes: changes)
        }
        return content
    }

    /// Texts that an error's message must not repeat.
    private func hidden(_ parameters: [(name: String, value: JSONValue)], _ token: String?) -> [String] {
        parameters.flatMap { Self.secrets(in: $0.value, named: $0.name) } + [application.clientSecret] + (token.map { [$0] } ?? [])
    }

    private static func secrets(in value: JSONValue, named name: String) -> [String] {
        switch value {
        case .string(let text): ["code", "refresh_token", "encrypted_data"].contains(name) ? [text] : []
        case .array(let elements): elements.flatMap { secrets(in: $0, named: name) }
        case .object(let members): members.flatMap { secrets(in: $0.1, named: $0.0) }
        case .null, .bool, .int, .double: []
        }
    }

    func failure(_ kind: PartnerError.Kind, _ type: String, _ message: String) -> PartnerError {
        PartnerError(kind, partner: Self.partner, operation: type, message: message)
    }

    /// The fault of one element of an answer, as an error; nil for code 0.
    func elementFailure(_ element: JSONValue, of type: String) -> PartnerError? {
        guard let code = element["error_code"]?.wireInt, code != 0 else { return nil }
        return wire.classified(PinduoduoFault(element).error(of: type, changes: false, isElement: true))
    }

    /// A parameter as it is sent and signed; nil for null.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double, .array, .object: String(decoding: value.json, as: UTF8.self)
        }
    }

    /// The envelope's content: under the type with `_` for the dots and `_response`, without `pdd_` in older calls; some old calls have
    /// names that follow no rule (`order_sn_increment_get_response`), and then it is the only member of that ending.
    static func content(of answer: JSONValue, type: String) -> JSONValue? {
        let name = type.replacing(".", with: "_") + "_response"
        if let content = answer[name] { return content }
        if name.hasPrefix("pdd_"), let content = answer[String(name.dropFirst(4))] { return content }
        guard case .object(let members) = answer else { return nil }
        let candidates = members.filter { $0.0.hasSuffix("_response") }
        return candidates.count == 1 ? candidates[0].1 : nil
    }
}
