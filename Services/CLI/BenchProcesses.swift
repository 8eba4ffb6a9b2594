import CommandLine
import Glibc
import Runtime

/// `allocation=1234`: a process to measure.
struct BenchProcess: ExpressibleByArgument, Equatable {
    let name: String
    let pid: pid_t

    init(name: String, pid: pid_t) {
        self.name = name
        self.pid = pid
    }

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let pid = pid_t(parts[1]), pid > 0 else { return nil }
        self.init(name: String(parts[0]), pid: pid)
    }

    static let argumentDescription = "a name and a process id, for example allocation=1234"
    var argumentText: String { "\(name)=\(pid)" }

    /// User and system time so far, in seconds (proc(5): fields 14 and 15 of `stat`).
    func cpuSeconds() throws(CommandFailure) -> Double {
        let text = try file("stat")
        // The command's name, in parentheses, may hold anything.
        let fields = (text.lastIndex(of: ")").map { text[text.index(after: $0)...] } ?? "").split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw CommandFailure(.bug, "/proc/\(pid)/stat of \(name) is not as proc(5) says")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// MiB: the share of memory that is its own (Pss), and the most that was ever resident (VmHWM).
    func memory() throws(CommandFailure) -> (pss: Double, peak: Double) {
        (Self.kilobytes("Pss:", try file("smaps_rollup")) / 1024, Self.kilobytes("VmHWM:", try file("status")) / 1024)
    }

    private static func kilobytes(_ name: String, _ text: String) -> Double {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Double($0) } ?? 0
    }

    private func file(_ file: String) throws(CommandFailure) -> String {
        do throws(CommandFailure) { return String(decoding: try InputFile.bytes(of: "/proc/\(pid)/\(file)"), as: UTF8.self) } catch {
            throw CommandFailure(.unavailable, "process \(pid) (\(name)) cannot be measured: \(error)")
        }
    }
}
