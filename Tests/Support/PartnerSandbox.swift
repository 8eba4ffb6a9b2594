import Foundation
import HTTP
public import JSON
import Synchronization
import Threads

/// `daifa-sandbox` as a process: JD, Pinduoduo and Jackyun for services that run as processes. It keeps its ports and its folder when it is
/// killed and started again; ended, and the folder removed, with the test process.
public final class PartnerSandbox: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What services are started with so that they find it.
    public let environment: [String: String]
    private let arguments: [String]
    private let port: UInt16
    private let client: HTTPClient
    private let folder: TemporaryFolder
    /// What was started last.
    private let process = Mutex<ServiceProcess?>(nil)

    private static let sharedSandbox = Mutex<Result<PartnerSandbox, any Error>?>(nil)

    /// The one that all tests of this process share. Blocking.
    public static func shared() throws -> PartnerSandbox {
        try sharedSandbox.withLock { shared in
            if let shared { return try shared.get() }
            let started = Result {
                let sandbox = try PartnerSandbox()
                try sandbox.start().awaitReady()
                return sandbox
            }
            shared = started
            return try started.get()
        }
    }

    /// One that is not started yet.
    /// - Parameter arguments: beside ports and folder.
    public init(arguments: [String] = []) throws {
        folder = try TemporaryFolder("sandbox-\(UUID().uuidString)")
        port = try Ports.free()
        let messagePort = try Ports.free()
        self.arguments = ["--port", "\(port)", "--message-port", "\(messagePort)", "--data", folder.url.path] + arguments
        client = try HTTPClient()
        environment = try Self.environment(
            "http://127.0.0.1:\(port)", messages: "ws://127.0.0.1:\(messagePort)/message", folder.url)
    }

    /// Starts it, or starts it again after its end; it is ready a moment later.
    @discardableResult
    public func start() throws -> ServiceProcess {
        let started = try ServiceProcess(executable: "daifa-sandbox", instance: "sandbox", httpPort: port, arguments: arguments)
        process.withLock { $0 = started }
        return started
    }

    private static func environment(_ base: String, messages: String, _ folder: URL) throws -> [String: String] {
        var variables = [
            "JD_OAUTH_URL": base, "JD_JOS_URL": base + "/routerjson", "JD_ISC_OAUTH_URL": base, "JD_ISC_URL": base,
            "PINDUODUO_AUTHORIZE_URL": base + "/service-market/auth", "PINDUODUO_GATEWAY_URL": base + "/api/router",
            "PINDUODUO_MESSAGE_URL": messages, "JACKYUN_GATEWAY_URL": base + "/open/openapi/do",
            "PINDUODUO_FACTORY_TOPICS": "pdd_fds_OrderAssigned",
        ]
        for (name, application) in [("JD", "jd"), ("PINDUODUO", "pdd")] {
            let secret = folder.appendingPathComponent("\(application).secret").path
            try Data("\(application)-secret\n".utf8).write(to: URL(fileURLWithPath: secret))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
            variables["\(name)_APP_KEY"] = "\(application)-app"
            variables["\(name)_APP_SECRET_FILE"] = secret
        }
        var environment = Dictionary(uniqueKeysWithValues: variables.map { ("DAIFA_PARTNER_\($0.key)", $0.value) })
        // Often, and near to the present: the sandbox's lists lag behind nothing.
        environment["DAIFA_ORDER_DOWNLOAD_INTERVAL"] = "1"
        environment["DAIFA_ORDER_DOWNLOAD_LAG"] = "0"
        environment["DAIFA_ORDER_DOWNLOAD_HISTORY"] = "2h"
        environment["DAIFA_STATUS_POLL_INTERVAL"] = "3"
        environment["DAIFA_STOCK_INTERVAL"] = "2"
        environment["DAIFA_NUMBER_FETCH_INTERVAL"] = "1"
        return environment
    }

    // MARK: Control

    /// What goes wrong with the next call of this operation that names a thing.
    public func fault(_ operation: String, _ kind: String, containing text: String) async throws {
        try await control(
            "faults",
            .object([
                ("operation", .string(operation)), ("kind", .string(kind)), ("count", .int(1)), ("containing", .string(text)),
            ]))
    }

    /// `GET /sandbox/<path>`, or `POST` with a body.
    /// - Parameter seconds: for so long it may be away, for one that is killed and started again.
    @discardableResult
    public func control(_ path: String, _ body: JSONValue? = nil, within seconds: Double = 0) async throws -> JSONValue {
        let request = HTTPClientRequest(
            method: body == nil ? "GET" : "POST", url: "http://127.0.0.1:\(port)/sandbox/\(path)", body: body?.json ?? [], timeout: 60)
        let answer = try await sent(request, .after(seconds))
        guard answer.status == 200 else {
            throw Failure(description: "\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONValue.decode(answer.body)
    }

    private func sent(_ request: HTTPClientRequest, _ deadline: Deadline) async throws -> HTTPClientResponse {
        while true {
            do { return try await client.send(request) } catch {
                if deadline.hasPassed { throw error }
            }
            // Nobody signals that it is there again.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// What a browser ends on that a person has sent to the page, logged in as this account, and let agree.
    public func consent(
        _ authorizeUrl: String, account: String, subscribe: Bool = false, within seconds: Double = 0
    ) async throws -> String {
        let answer = try await control(
            "consent",
            .object([
                ("authorizeUrl", .string(authorizeUrl)), ("account", .string(account)), ("subscribe", .bool(subscribe)),
            ]), within: seconds)
        guard let url = answer["redirectUrl"]?.string else { throw Failure(description: "no redirect: \(answer)") }
        return url
    }
}
