import Contracts
import Glibc
import ReadModel
import Stores
import Threads

/// `ReadModelBenchmark [orders] [file] [fill|pages]`: fills a model with so many orders of one merchant and prints what projecting cost, then how
/// long pages take; or one of the two alone, pages of a file that was filled before.
@main
struct ReadModelBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        let number = arguments.count > 1 ? Int(arguments[1]) ?? 1_000_000 : 1_000_000
        let path = arguments.count > 2 ? arguments[2] : "/tmp/read-model-benchmark.sqlite"
        let part = arguments.count > 3 ? arguments[3] : nil
        if part != "pages" { for ending in ["", "-wal", "-shm"] { unlink(path + ending) } }
        let start = threadTime()
        let model = try SQLiteReadModel(path: path, clusterId: "benchmark")
        print("opening: \(rounded((threadTime() - start) * 1000)) ms of CPU")
        if part != "pages" { try fill(model, number) }
        var file = stat()
        if stat(path, &file) == 0 { print("file: \(file.st_size >> 20) MiB; most memory: \(mostMemory() >> 10) MiB") }
        if part == "fill" { return }
        try OrderPages(model).run()
        try ParcelPages(model).run()
    }

    /// Orders at once: each of them has four batches, as in a shop that works through its list.
    private static let block = 1000

    private static func fill(_ model: SQLiteReadModel, _ number: Int) throws {
        var journey = Journey()
        var cpu = 0.0
        var records = 0
        let start = ContinuousClock.now
        for first in stride(from: 0, to: number, by: block) {
            let orders = first..<min(first + block, number)
            for stage in Journey.Stage.allCases {
                let batch = journey.records(stage, orders, of: number)
                if batch.isEmpty { continue }
                let before = threadTime()
                try model.apply(batch)
                cpu += threadTime() - before
                records += batch.count
            }
            if first % (block * 100) == 0 {
                print("\(first + orders.count) orders, \(rounded(cpu * 1e6 / Double(orders.upperBound))) µs each")
            }
        }
        let wall = ContinuousClock.now - start
        print(
            "\(number) orders, \(records) records in \(wall.components.seconds) s; projecting: \(rounded(cpu * 1e6 / Double(number))) µs of CPU"
                + " an order, \(rounded(cpu * 1e6 / Double(records))) µs a record")
    }

    /// KiB.
    private static func mostMemory() -> Int {
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss : 0
    }
}

/// Seconds of CPU that the calling thread has used.
func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

/// Milliseconds of each of many runs: by the clock, and of the thread's CPU, which neighbours on the machine do not lengthen as much.
struct Timing {
    private var runs: [Double] = []
    private var cpu: [Double] = []

    mutating func run(_ body: () throws -> Void) rethrows {
        let start = ContinuousClock.now
        let used = threadTime()
        try body()
        cpu.append((threadTime() - used) * 1000)
        let time = ContinuousClock.now - start
        runs.append(Double(time.components.attoseconds) / 1e15 + Double(time.components.seconds) * 1000)
    }

    var text: String { "\(Self.text(runs)); CPU: \(Self.text(cpu))" }

    private static func text(_ runs: [Double]) -> String {
        let sorted = runs.sorted()
        guard let last = sorted.last else { return "nothing" }
        return "p50 \(rounded(sorted[sorted.count / 2])), p99 \(rounded(sorted[sorted.count * 99 / 100])), most \(rounded(last)) ms"
    }
}
