import Crypto
import Foundation
import HTTP
import JSON

@testable import Sandbox

/// A sandbox in this process, on ports and in a folder of its own.
final class RunningSandbox: Sendable {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { try? JSONValue.decode(body) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: URL
    let sandbox: Sandbox
    let server: SandboxServer
    private let client: HTTPClient

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        sandbox = try Sandbox(folder: folder.path) { _ in }
        client = try HTTPClient()
        server = try SandboxServer(sandbox, port: 0, sender: client)
    }

    deinit {
        server.stop()
        client.close()
        try? FileManager.default.removeItem(at: folder)
    }

    var base: String { "http://127.0.0.1:\(server.port)" }

    // MARK: Requests

    /// One request on a connection of its own. A short answer or none is what it is: nothing is awaited longer than `timeout`.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = "", timeout: Int = 20
    ) async throws -> Answer {
        let port = server.port
        return try await onThread {
            try RawClient.send(port: port, method, target, headers: headers, body: Array(body.utf8), timeout: timeout)
        }
    }

    /// `GET /sandbox/<path>`, or `POST` with a body.
    @discardableResult
    func control(_ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let text = body.map { String(decoding: $0.json, as: UTF8.self) }
        let answer = try await send(text == nil ? "GET" : "POST", "/sandbox/\(path)", body: text ?? "")
        guard answer.status == 200, let json = answer.json else { throw Failure(description: "\(path): \(answer.status) \(answer.text)") }
        return json
    }

    func fault(_ operation: String, _ kind: String, count: Int = 1, _ more: [(String, JSONValue)] = []) async throws {
        try await control("faults", .object([("operation", .string(operation)), ("kind", .string(kind)), ("count", .int(count))] + more))
    }

    // MARK: JD

    /// An access token of the demo PIN.
    func jdToken(subscribe: Bool = false, account: String = "daifa-demo") async throws -> String {
        let answer = try await jdTokens(code: try await code("/oauth2/to_login?app_key=jd-app", subscribe: subscribe, account: account))
        guard let token = answer["access_token"]?.string else { throw Failure(description: "no token: \(answer)") }
        return token
    }

    /// An access token of JDL's integrated supply chain.
    func iscToken() async throws -> String {
        let code = try await code("/oauth/authorize?client_id=jd-app", account: "daifa-demo")
        let path = "/oauth/token?client_id=jd-app&client_secret=jd-secret&grant_type=authorization_code&code=\(code)"
        guard let token = try await send("GET", path).json?["access_token"]?.string else { throw Failure(description: "no token") }
        return token
    }

    /// A call of JDL's platform, by HMAC as the other client of the tests' own.
    func isc(_ path: String, _ inner: JSONValue, token: String, sign: String? = nil) async throws -> Answer {
        let body = "[" + String(decoding: inner.json, as: UTF8.self) + "]"
        let timestamp = Self.beijing(Date())
        let content =
            "jd-secretaccess_token\(token)app_keyjd-appmethod\(path)param_json\(body)timestamp\(timestamp)v2.0jd-secret"
        let right = Base64.encode(Digest.hmacSHA256(Array(content.utf8), key: Array("jd-secret".utf8)))
        let query = [
            "LOP-DN": "IntegratedSupplyChain", "app_key": "jd-app", "access_token": token, "timestamp": timestamp, "v": "2.0",
            "sign": sign ?? right, "algorithm": "HMacSHA256",
        ].map { "\($0.key)=\(FormText.encode($0.value))" }.joined(separator: "&")
        return try await send("POST", "\(path)?\(query)", headers: ["Content-Type": "application/json", "lop-tz": "8"], body: body)
    }

    // MARK: Pinduoduo and Jackyun

    func mallToken(_ mall: String) async throws -> String {
        let code = try await code("/service-market/auth?client_id=pdd-app", account: mall)
        let answer = try await pdd("pdd.pop.auth.token.create", ["code": .string(code)], token: nil)
        guard let token = answer.json?.at("pop_auth_token_create_response", "access_token")?.string else {
            throw Failure(description: "no token: \(answer.text)")
        }
        return token
    }

    func pdd(
        _ type: String, _ business: JSONValue, token: String?, signed: (inout [String: String]) -> Void = { _ in }
    ) async throws -> Answer {
        var parameters = [
            "type": type, "client_id": "pdd-app", "timestamp": "\(Int(Date().timeIntervalSince1970))", "data_type": "JSON", "version": "V1",
        ]
        parameters["access_token"] = token
        for (name, value) in business.members ?? [] { parameters[name] = value.string ?? String(decoding: value.json, as: UTF8.self) }
        let text = "pdd-secret" + parameters.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined() + "pdd-secret"
        parameters["sign"] = Hexadecimal.encode(Digest.md5(Array(text.utf8)), uppercase: true)
        signed(&parameters)
        return try await form("/api/router", parameters)
    }

    func jackyun(_ method: String, _ content: JSONValue, sign: String? = nil) async throws -> Answer {
        var parameters = [
            "method": method, "appkey": "jackyun-app", "version": "v1.0", "contenttype": "json", "timestamp": Self.beijing(Date()),
            "bizcontent": String(decoding: content.json, as: UTF8.self),
        ]
        let text = "jackyun-secret" + parameters.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined() + "jackyun-secret"
        parameters["sign"] = sign ?? Hexadecimal.encode(Digest.md5(Array(text.lowercased().utf8)))
        return try await form("/open/openapi/do", parameters)
    }

    func code(_ page: String, subscribe: Bool = false, account: String) async throws -> String {
        let url = "\(base)\(page)&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback&state=s1"
        let answer = try await control(
            "consent", ["authorizeUrl": .string(url), "approve": true, "subscribe": .bool(subscribe), "account": .string(account)])
        let redirect = answer["redirectUrl"]?.string ?? ""
        guard let code = FormText.split(url: redirect).query.first(where: { $0.name == "code" })?.value else {
            throw Failure(description: "no code: \(redirect)")
        }
        return code
    }

    func jdTokens(code: String) async throws -> JSONValue {
        let path = "/oauth2/access_token?app_key=jd-app&app_secret=jd-secret&grant_type=authorization_code&code=\(code)"
        return try await send("GET", path).json ?? .null
    }

    /// A call of `/routerjson`; `change` may spoil the parameters before they are signed, `signed` after that.
    func jos(
        _ method: String, _ inner: JSONValue, token: String?, change: (inout [String: String]) -> Void = { _ in },
        signed: (inout [String: String]) -> Void = { _ in }
    ) async throws -> Answer {
        var parameters = [
            "app_key": "jd-app", "v": "2.0", "method": method, "timestamp": Self.beijing(Date()),
            "360buy_param_json": String(decoding: inner.json, as: UTF8.self),
        ]
        parameters["access_token"] = token
        change(&parameters)
        let text = "jd-secret" + parameters.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined() + "jd-secret"
        parameters["sign"] = Hexadecimal.encode(Digest.md5(Array(text.utf8)), uppercase: true)
        signed(&parameters)
        return try await form("/routerjson", parameters)
    }

    func form(_ path: String, _ parameters: [String: String], timeout: Int = 20) async throws -> Answer {
        let body = parameters.map { "\(FormText.encode($0.key))=\(FormText.encode($0.value))" }.joined(separator: "&")
        return try await send(
            "POST", path, headers: ["Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"], body: body, timeout: timeout)
    }

    /// Foundation's own view of the time in Beijing.
    static func beijing(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter.string(from: date)
    }

    static let outbound: JSONValue = [
        "isvUUID": "order-1_1", "isvSource": "ISV0020000000001", "shopNo": "ESP0020000000001", "departmentNo": "EBU4418046500001",
        "warehouseNo": "110000001", "salePlatformSource": "6", "consigneeName": "张三", "consigneeMobile": "13900000001",
        "consigneeAddress": "上海市浦东新区世纪大道1号", "addressProvince": "上海", "orderMark": .string(String(repeating: "0", count: 50)),
        "isvGoodsNo": "TEA-500,CUP-2", "quantity": "2,1", "salesPlatformOrderNo": "order-1_1",
    ]
}

extension JSONValue {
    /// An object with this member changed, added, or with nil taken away.
    func changing(_ name: String, to value: JSONValue?) -> JSONValue {
        let kept = (members ?? []).filter { $0.0 != name }
        return .object(kept + (value.map { [(name, $0)] } ?? []))
    }

    /// Down a path of names.
    func at(_ names: String...) -> JSONValue? { names.reduce(self as JSONValue?) { value, name in value?[name] } }
}
