import Contracts
public import JSON

import HTTP
public import Threads

/// Calls the integrated supply chain on JDL's open platform (LOP).
public struct ISCGateway: Sendable {
    static let domain = "IntegratedSupplyChain"

    let wire: Wire
    /// Without a slash at its end.
    let base: String
    let credential: JDCredential
    let algorithm: ISCSignature.Algorithm
    let clock: @Sendable () -> Timestamp

    /// - Parameter wire: its partner is `jd`.
    public init(
        wire: Wire, base: String, credential: JDCredential, algorithm: ISCSignature.Algorithm = .md5Salt,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.wire = wire
        self.base = base
        self.credential = credential
        self.algorithm = algorithm
        self.clock = clock
    }

    /// - Parameters:
    ///   - path: `/integratedsupplychain/order/cancel/v1`.
    ///   - parameters: members of the one object that the body's array holds.
    ///   - hiding: what must not be in an error's message, though JD may repeat it.
    /// - Returns: the domain's `data`, which may be null.
    /// - Throws: `PartnerError` as the gateway's or the domain's code says; `outcomeOpen` for an answer without either.
    public func call(_ path: String, _ parameters: [(String, JSONValue)], hiding: [String] = []) async throws(PartnerError) -> JSONValue {
        try await wire.call(path, shop: credential.accessToken, hiding: hiding + [credential.accessToken, credential.appSecret]) {
            () async throws(PartnerError) in
            try read(try await wire.json(path, request(path, parameters)), path)
        }
    }

    private func request(_ path: String, _ parameters: [(String, JSONValue)]) -> HTTPClientRequest {
        let body = JSONValue.array([.object(parameters)]).json
        let timestamp = BeijingTime.format(Int64(clock().milliseconds))
        let sign = ISCSignature.make(algorithm, path: path, body: body, timestamp: timestamp, credential: credential)
        let query = FormEncoding.encode([
            ("LOP-DN", Self.domain), ("access_token", credential.accessToken), ("algorithm", algorithm.rawValue),
            ("app_key", credential.appKey), ("sign", sign), ("timestamp", timestamp), ("v", "2.0"),
        ])
        return HTTPClientRequest(
            method: "POST", url: "\(base)\(path)?\(query)",
            headers: [("Content-Type", "application/json;charset=utf-8"), ("lop-tz", "8")], body: body)
    }

    /// The domain's answer `{code, message, requestId, data}` comes bare, or inside the gateway's `{code, msg, response}` (`result` for some);
    /// each layer has its own code.
    private func read(_ answer: JSONValue, _ path: String) throws(PartnerError) -> JSONValue {
        if let error = answer.present("error_response") { throw failure(error, path) }
        guard answer["code"]?.wireText != nil else {
            throw PartnerError(.outcomeOpen, partner: wire.partner, operation: path, message: "an answer without a code")
        }
        var layer = answer
        while true {
            guard ["1000", "0"].contains(layer["code"]?.wireText ?? "") else { throw failure(layer, path) }
            let inner = layer.present("response", "result", "data") ?? .null
            guard inner["code"]?.wireText != nil else { return inner }
            layer = inner
        }
    }

    private func failure(_ error: JSONValue, _ path: String) -> PartnerError {
        let texts = ["message", "msg", "zhDesc", "zh_desc", "enDesc", "en_desc"].compactMap { error[$0]?.wireText }
        let code = error["code"]?.wireText
        return PartnerError(
            Self.kind(code, texts), partner: wire.partner, operation: path, code: code, message: texts.first ?? "JD gave no reason")
    }

    /// Gateway codes are not published as a list: what they mean is read off their text where it says so.
    ///
    /// | code or text | what to do |
    /// |---|---|
    /// | 2000 a field is missing, 2001 the account may not do this | `rejected` |
    /// | 4000 system error | `outcomeOpen` |
    /// | text names the token and says that it is wrong | `tokenInvalid` |
    /// | text says too many calls | `throttled` |
    /// | none | `outcomeOpen` |
    /// | any other | `rejected` |
    private static func kind(_ code: String?, _ texts: [String]) -> PartnerError.Kind {
        guard let code else { return .outcomeOpen }
        if code == "2000" || code == "2001" { return .rejected }
        if code == "4000" { return .outcomeOpen }
        let text = texts.joined(separator: " ").lowercased()
        if text.contains("token") || text.contains("令牌") {
            let complaints = [
                "expire", "invalid", "illegal", "not exist", "wrong", "error", "过期", "失效", "无效", "非法", "不存在", "错误", "不正确",
            ]
            if complaints.contains(where: text.contains) { return .tokenInvalid }
        }
        if ["限流", "频繁", "超过限制", "too many", "rate limit", "flow limit"].contains(where: text.contains) { return .throttled }
        return .rejected
    }
}
