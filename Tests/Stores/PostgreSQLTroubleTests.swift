import Foundation
import TestSupport
import Testing

@testable import Stores

/// A disk without room, a connection that ends in the middle of a commit, a server that shows the wrong certificate.
@Suite(.serialized, .enabled(if: PostgresServer.isAvailable, Comment(rawValue: PostgresServer.need)))
struct PostgreSQLTroubleTests {
    @Test(.enabled(if: PostgresServer.canHaveDisk, "needs root, for a disk of its own"))
    func aFullDiskIsUnavailableLeavesNothingAndIsOverWhenThereIsRoomAgain() async throws {
        try await onThread {
            let database = try Database(PostgresServer(settings: ["max_wal_size=32MB", "min_wal_size=32MB"], disk: 160))
            let shard = try database.store().shard(0)
            _ = try shard.claim()
            try shard.commit(StoreBatch(aggregates: [row("a")], positions: [.init("orders", 1)]))
            // The log has room in a file of its own: without it the server itself would end.
            try database.sql("SELECT pg_switch_wal()")
            try shard.commit(StoreBatch(positions: [.init("orders", 1)]))
            let filler = try database.server.onItsDisk("filler")
            try #require(FileManager.default.createFile(atPath: filler, contents: nil))
            let file = try #require(FileHandle(forWritingAtPath: filler))
            let piece = Data(repeating: 7, count: 1 << 20)
            while (try? file.write(contentsOf: piece)) != nil {}
            try file.close()
            var last: StoreError?
            var stored: Int64 = 1
            // Random, so that no page is worth compressing; what the log has room for is stored.
            for number in Int64(2)...40 where last == nil {
                let state = (0..<1_000_000).map { _ in UInt8.random(in: 0...255) }
                last = refusal {
                    try shard.commit(
                        StoreBatch(
                            aggregates: [AggregateRow(key: "k\(number)", version: number, state: state, answered: [])],
                            positions: [.init("orders", number)]))
                }
                if last == nil { stored = number }
            }
            #expect(last?.kind == .unavailable, "\(String(describing: last))")
            try FileManager.default.removeItem(atPath: filler)
            // A full disk of the log ends the server, which comes back by itself or is started again.
            var claim: StoreClaim?
            let isBack = eventually(within: 30) {
                claim = try? shard.claim()
                return claim != nil
            }
            try #require(isBack, "\(String(describing: refusal { _ = try shard.claim() }))")
            #expect(claim?.positions == ["orders": stored])
            var versions: [Int64] = []
            try shard.load((2...40).map { "k\($0)" }) { versions.append($1.version) }
            #expect(versions.max() ?? 1 == stored)
            try shard.commit(StoreBatch(aggregates: [row("b")]))
        }
    }

    /// A proxy that passes on so many bytes of what the client sends, and then ends both connections.
    private final class Scissors: Sendable {
        let port: UInt16
        private let listener: Int32

        init(to target: Int, after bytes: Int) throws {
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            port = try Ports.free()
            let bound = Self.withLoopback(port) { [listener] in bind(listener, $0, $1) }
            guard bound == 0, listen(listener, 4) == 0 else { throw Client.Failure("cannot listen on \(port)") }
            let listener = listener
            Thread.detachNewThread {
                while true {
                    let client = accept(listener, nil, nil)
                    guard client >= 0 else { return }
                    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                    _ = Self.withLoopback(UInt16(target)) { connect(server, $0, $1) }
                    Self.pass(client, server, after: bytes)
                }
            }
        }

        deinit { close(listener) }

        private static func pass(_ client: Int32, _ server: Int32, after limit: Int) {
            var left = limit
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                var ends = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
                guard poll(&ends, 2, 30_000) > 0 else { break }
                if ends[0].revents != 0 {
                    let count = recv(client, &buffer, min(buffer.count, left), 0)
                    guard count > 0, send(server, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
                    left -= count
                    if left == 0 { break }
                }
                if ends[1].revents != 0 {
                    let count = recv(server, &buffer, buffer.count, 0)
                    guard count > 0, send(client, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
                }
            }
            close(client)
            close(server)
        }

        private static func withLoopback<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        }
    }

    /// Wherever the stream of a commit ends: it is done, or it is not, and the next claim tells which.
    @Test func aConnectionCutAnywhereInACommitLeavesItDoneOrNotDone() async throws {
        try await onThread {
            let database = try Database()
            var position: Int64 = 0
            var outcomes: Set<Bool> = []
            // From before the first statement of the commit to behind its end.
            for bytes in stride(from: 12_000, through: 36_000, by: 600) {
                let scissors = try Scissors(to: database.server.port, after: bytes)
                var location = try database.location(
                    database.server.networkURL(database.name, "sslmode=disable&gssencmode=disable").replacing(
                        ":\(database.server.port)/", with: ":\(scissors.port)/"))
                location.passwordFile = database.server.passwordFile(database.name)
                let shard = try PostgreSQLStore(location, owner: "allocation").shard(0)
                guard (try? shard.claim()) != nil else { continue }
                let rows = (0..<20).map {
                    AggregateRow(key: "k\($0)", version: position + 1, state: .init(repeating: 7, count: 500), answered: [])
                }
                let batch = StoreBatch(aggregates: rows, outbox: (position + 1, [1]), positions: [.init("orders", position + 1)])
                let answer = refusal { try shard.commit(batch) }

                let after = try database.store().shard(0)
                let claim = try after.claim()
                let stored = claim.positions["orders"] ?? 0
                #expect(claim.highestSequence == stored && (stored == position || stored == position + 1))
                if answer == nil { #expect(stored == position + 1) } else { #expect(answer?.kind == .unavailable) }
                var versions: [Int64] = []
                try after.load(rows.map(\.key)) { versions.append($1.version) }
                #expect(versions == .init(repeating: stored, count: stored == 0 ? 0 : 20))
                outcomes.insert(stored == position + 1)
                position = stored
            }
            #expect(outcomes == [true, false])
        }
    }

    @Test func onlyTheServerOfTheRightNameAndAuthorityIsTaken() async throws {
        try await onThread {
            let database = try Database(PostgresServer())
            let authority = try database.server.certify("localhost")
            let stranger = try PostgresServer().certify("localhost")
            func connect(_ host: String, _ parameters: String) throws -> StoreError? {
                var location = try database.location(database.server.networkURL(database.name, parameters, host: host))
                location.passwordFile = database.server.passwordFile(database.name)
                return refusal { try PostgreSQLStore(location, owner: "allocation").connect() }
            }
            #expect(eventually(within: 10) { (try? database.server.sql("SHOW ssl")) == "on" })
            #expect(try connect("localhost", "sslmode=verify-full&sslrootcert=\(authority)") == nil)
            let cases = [
                ("127.0.0.1", "sslmode=verify-full&sslrootcert=\(authority)", "does not match host name"),
                ("localhost", "sslmode=verify-full&sslrootcert=\(stranger)", "certificate verify failed"),
                ("localhost", "sslmode=verify-full&sslrootcert=/nonexistent/ca.crt", "/nonexistent/ca.crt"),
            ]
            for (host, parameters, text) in cases {
                let error = try connect(host, parameters)
                #expect(error?.kind == .misconfigured, "\(text): \(String(describing: error))")
                #expect(
                    error?.message.contains(text) == true && error?.message.contains("sslrootcert") == true, "\(String(describing: error))")
            }
            let plain = try refused(database)
            #expect(plain?.kind == .misconfigured && plain?.message.contains("SSL") == true, "\(String(describing: plain))")
        }
    }

    /// A server that speaks no TLS.
    private func refused(_ database: Database) throws -> StoreError? {
        let server = try PostgresServer.shared()
        let location = try PostgreSQLLocation(url: server.networkURL(database.name, "sslmode=require"))
        return refusal { try PostgreSQLStore(location, owner: "allocation").connect() }
    }
}
