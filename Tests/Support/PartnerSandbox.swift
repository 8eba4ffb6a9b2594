import Foundation
import HTTP
public import JSON
import Kafka
import Synchronization

/// `daifa-sandbox` as a process: JD, Pinduoduo and Jackyun for services that run as processes. Ended, and its folder removed, with the test
/// process.
public final class PartnerSandbox: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What services are started with so that they find it.
    public let environment: [String: String]
    private let address: String
    private let client: HTTPClient
    /// The end of this pipe is the end of the process.
    private let lifeline: Int32

    private static let sharedSandbox = Mutex<Result<PartnerSandbox, any Error>?>(nil)

    /// The one that all tests of this process share. Blocking.
    public static func shared() throws -> PartnerSandbox {
        try sharedSandbox.withLock { shared in
            if let shared { return try shared.get() }
            let started = Result { try PartnerSandbox() }
            shared = started
            return try started.get()
        }
    }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let executable = ServiceProcess.executables.appendingPathComponent("daifa-sandbox").path
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Failure(description: "there is no executable \(executable): build it, or set DAIFA_BIN to the folder of the services")
        }
        let (output, life) = (try Pipe.make(), try Pipe.make())
        let variables = ProcessInfo.processInfo.environment
        let child = try spawn(
            [executable, "--port", "0", "--message-port", "0", "--data", folder.path], environment: variables, input: nil,
            output: output.write)
        let sweep = #"trap '' INT TERM; read -r _; kill -KILL "$0"; rm -rf "$1""#
        _ = try spawn(["/bin/sh", "-c", sweep, "\(child)", folder.path], environment: variables, input: life.read, output: nil)
        close(output.write)
        close(life.read)
        lifeline = life.write
        let lines = try Self.lines(output.read, until: "partners on ")
        func address(_ name: String) throws -> String {
            guard let line = lines.first(where: { $0.hasPrefix(name) }) else {
                throw Failure(description: "\(executable) does not say \(name): \(lines)")
            }
            return String(line.dropFirst(name.count))
        }
        let base = try address("partners on ")
        self.address = base
        client = try HTTPClient()
        environment = try Self.environment(base, messages: try address("messages on "), folder)
    }

    deinit { close(lifeline) }

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

    /// What the process says up to a line that begins so. The pipe stays open: who writes into a closed one dies.
    private static func lines(_ descriptor: Int32, until last: String) throws -> [String] {
        let text = Monitor<(text: String, isAtEnd: Bool)>(("", false))
        try NamedThread("sandbox") {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                text.update { $0.text += String(decoding: buffer[..<count], as: UTF8.self) }
            }
            text.update { $0.isAtEnd = true }
            close(descriptor)
        }.detach()
        let lines = text.wait(until: .after(60)) { state -> [String]? in
            let lines = state.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            return lines.contains { $0.hasPrefix(last) } || state.isAtEnd ? lines : nil
        }
        guard let lines else { throw Failure(description: "the sandbox does not say where it listens") }
        return lines
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
    @discardableResult
    public func control(_ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await client.send(
            HTTPClientRequest(
                method: body == nil ? "GET" : "POST", url: "\(address)/sandbox/\(path)", body: body?.json ?? [], timeout: 60))
        guard answer.status == 200 else {
            throw Failure(description: "\(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONValue.decode(answer.body)
    }

    /// What a browser ends on that a person has sent to the page, logged in as this account, and let agree.
    public func consent(_ authorizeUrl: String, account: String, subscribe: Bool = false) async throws -> String {
        let answer = try await control(
            "consent",
            .object([
                ("authorizeUrl", .string(authorizeUrl)), ("account", .string(account)), ("subscribe", .bool(subscribe)),
            ]))
        guard let url = answer["redirectUrl"]?.string else { throw Failure(description: "no redirect: \(answer)") }
        return url
    }
}
