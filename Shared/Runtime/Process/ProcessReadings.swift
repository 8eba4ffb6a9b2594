import Glibc
import Observability
import Threads

/// What the kernel says of this process, under the names that Prometheus' clients use; looked at when it is asked for.
enum ProcessReadings {
    private static let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))

    static func register(_ registry: Metrics) {
        let start = Double(Clock.now.milliseconds) / 1000
        registry.reading(.processStart) { start }
        registry.reading(.processCPU) {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec / 1_000_000) / 1000
        }
        registry.reading(.processMemory) {
            guard let file = fopen("/proc/self/statm", "r") else { return 0 }
            defer { fclose(file) }
            var text = [CChar](repeating: 0, count: 128)
            guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
            let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
            return fields.count > 1 ? (Double(fields[1]) ?? 0) * pageSize : 0
        }
        registry.reading(.processFiles) {
            guard let folder = opendir("/proc/self/fd") else { return 0 }
            defer { closedir(folder) }
            var count = 0
            while let entry = readdir(folder) { if entry.pointee.d_name.0 != 0x2E { count += 1 } }
            // The folder itself is open for the time being.
            return Double(count - 1)
        }
    }
}
