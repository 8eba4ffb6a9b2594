import Foundation
import Synchronization

/// Ports on loopback below those that the system gives to connections by itself: one stays free while the process that listens there is dead.
public enum Ports {
    /// Given out by this process: who has one may not listen yet, or be dead for the moment.
    private static let given = Mutex<Set<Int>>([])

    /// For processes that come back on the port that they had.
    public static func free() throws -> UInt16 { UInt16(try free(12_000..<20_000, with: [0])) }

    /// A port from which on all these are free.
    static func free(_ range: Range<Int>, with offsets: [Int]) throws -> Int {
        for _ in 0..<100 {
            let first = Int.random(in: range)
            let ports = offsets.map { first + $0 }
            guard ports.allSatisfy(isFree) else { continue }
            let isNew = given.withLock { given in
                defer { given.formUnion(ports) }
                return given.isDisjoint(with: ports)
            }
            if isNew { return first }
        }
        throw Broker.Unavailable(description: "no free ports between \(range.lowerBound) and \(range.upperBound)")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
