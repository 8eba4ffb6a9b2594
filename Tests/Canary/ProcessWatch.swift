import Foundation
import Kafka
import Synchronization
import Threads

/// Reads the command lines of all processes of this machine, and the environment of those that may be read, again and again.
final class ProcessWatch: Sendable {
    private struct State {
        var seen: [[UInt8]: String] = [:]
        var isStopping = false
        var rounds = 0
    }

    private let state = Monitor(State())
    /// Seconds between two looks.
    private static let pause = 0.05

    init() throws {
        try NamedThread("processes") { [state] in
            while true {
                Self.look(state)
                let isStopping = state.wait(until: .after(Self.pause)) { $0.isStopping ? true : nil }
                if isStopping == true { return }
            }
        }.detach()
    }

    deinit { state.update { $0.isStopping = true } }

    var places: [Place] { state.withLock { $0.seen.map { Place($0.value, $0.key) } } }
    /// How often all processes were looked at.
    var rounds: Int { state.withLock { $0.rounds } }

    /// All that was seen.
    func stop() -> [Place] {
        state.update { $0.isStopping = true }
        return places
    }

    private static func look(_ state: Monitor<State>) {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { $0.allSatisfy(\.isNumber) } ?? []
        for process in processes {
            for file in ["cmdline", "environ"] {
                guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/\(file)"), !bytes.isEmpty else { continue }
                state.withLock { if $0.seen[Array(bytes)] == nil { $0.seen[Array(bytes)] = "/proc/\(process)/\(file)" } }
            }
        }
        state.withLock { $0.rounds += 1 }
    }
}
