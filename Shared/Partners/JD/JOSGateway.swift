import Contracts
public import JSON

import HTTP
public import Threads

/// Calls methods of the JOS gateway.
///
/// Parameters go in the body of a form POST: a URL with names and phone numbers would end in the logs of whoever stands between.
public struct JOSGateway: Sendable {
    /// Request times were one minute behind the clock in an integration that ran for years: a time ahead of JD's is refused.
    static let clockLag = 60_000

    let wire: Wire
    let endpoint: String
    let credential: JDCredential
    let clock: @Sendable () -> Timestamp

    /// - Parameter wire: its partner is `jd`.
    public init(wire: Wire, endpoint: String, credential: JDCredential, clock: @escaping @Sendable () -> Timestamp) {
        self.wire = wire
        self.endpoint = endpoint
        self.credential = credential
        self.clock = clock
    }

    /// - Parameters:
    ///   - method: `jingdong.eclp.order.addOrder`.
    ///   - parameters: members of `360buy_param_json`.
    ///   - hiding: what must not be in an error's message, though JD may repeat it.
    /// - Returns: what lies under `<method>_responce` (JD's spelling; `_response` was seen too), its code being 0.
    /// - Throws: `PartnerError` as JD's code says; `outcomeOpen` for an answer that is none of JD's forms.
    public func call(_ method: String, _ parameters: [(String, JSONValue)], hiding: [String] = []) async throws(PartnerError) -> JSONValue {
        try await wire.call(method, shop: credential.accessToken, hiding: hiding + [credential.accessToken, credential.appSecret]) {
            () async throws(PartnerError) in
            try read(try await wire.json(method, request(method, parameters)), method)
        }
    }

    private func request(_ method: String, _ parameters: [(String, JSONValue)]) -> HTTPClientRequest {
        let now = Int64(clock().milliseconds - Self.clockLag)
        var fields = [
            (name: "360buy_param_json", value: String(decoding: JSONValue.object(parameters).json, as: UTF8.self)),
            (name: "access_token", value: credential.accessToken), (name: "app_key", value: credential.appKey),
            (name: "method", value: method), (name: "timestamp", value: BeijingTime.format(now)), (name: "v", value: "2.0"),
        ]
        fields.append((name: "sign", value: JOSSignature.make(fields, secret: credential.appSecret)))
        return HTTPClientRequest(
            method: "POST", url: endpoint, headers: [("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")],
            body: Array(FormEncoding.encode(fields).utf8))
    }

    private func read(_ answer: JSONValue, _ method: String) throws(PartnerError) -> JSONValue {
        if let error = answer.present("error_response") { throw JOSGateway.failure(error, method, partner: wire.partner) }
        let name = method.replacing(".", with: "_")
        guard let result = answer.present(name + "_responce", name + "_response"), case .object = result else {
            throw PartnerError(
                .outcomeOpen, partner: wire.partner, operation: method, message: "neither a result of this method nor an error")
        }
        guard (result["code"]?.wireText ?? "0") == "0" else { throw JOSGateway.failure(result, method, partner: wire.partner) }
        return result
    }

    /// An error as JOS writes it: `{code, zh_desc, en_desc}`, or `{code, msg}` inside a result.
    static func failure(_ error: JSONValue, _ method: String, partner: String) -> PartnerError {
        let text = ["zh_desc", "msg", "message", "en_desc"].lazy.compactMap { error[$0]?.wireText }.first
        let code = error["code"]?.wireText
        return PartnerError(
            kind(code), partner: partner, operation: method, code: code, message: text ?? "JD gave no reason")
    }

    /// | code | JD's words | what to do |
    /// |---|---|---|
    /// | 2 | call limit | `throttled` |
    /// | 19 | access token | `tokenInvalid` |
    /// | 43, 66 | system error, back end away | `unavailable` |
    /// | 65, 67 | back end timed out, unknown | `outcomeOpen` |
    /// | any other | parameters, signature, permission … | `rejected` |
    private static func kind(_ code: String?) -> PartnerError.Kind {
        switch code {
        case "2": .throttled
        case "19": .tokenInvalid
        case "43", "66": .unavailable
        case "65", "67", nil: .outcomeOpen
        default: .rejected
        }
    }
}
