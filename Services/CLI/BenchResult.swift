import JSON

/// The figures of one measurement.
struct BenchResult {
    struct Wave {
        let name: String
        let seconds: Double
        /// Of all processes together.
        let cpuSeconds: Double
    }

    struct Process {
        let name: String
        let cpuSeconds: Double
        /// MiB.
        let pss: Double
        let peak: Double
    }

    let orders: Int
    var waves: [Wave] = []
    var processes: [Process] = []

    var seconds: Double { waves.reduce(0) { $0 + $1.seconds } }
    var cpuSeconds: Double { processes.reduce(0) { $0 + $1.cpuSeconds } }
    var ordersPerSecond: Double { Double(orders) / max(seconds, 0.001) }
    /// nil: no process was measured.
    var ordersPerCPUSecond: Double? { processes.isEmpty ? nil : Double(orders) / max(cpuSeconds, 0.01) }

    var text: String {
        var rows = [["WAVE", "SECONDS", "ORDERS/S", "CPU S"]]
        rows += waves.map {
            [$0.name, Self.decimal($0.seconds), "\(Int(Double(orders) / max($0.seconds, 0.001)))", Self.decimal($0.cpuSeconds)]
        }
        var text = TextTable.text(rows) + "\n"
        if !processes.isEmpty {
            var rows = [["PROCESS", "CPU S", "PSS MIB", "PEAK MIB"]]
            rows += processes.map { [$0.name, Self.decimal($0.cpuSeconds), Self.decimal($0.pss), Self.decimal($0.peak)] }
            rows.append([
                "all", Self.decimal(cpuSeconds), Self.decimal(processes.reduce(0) { $0 + $1.pss }),
                Self.decimal(processes.reduce(0) { $0 + $1.peak }),
            ])
            text += "\n" + TextTable.text(rows) + "\n"
        }
        text += "\n\(orders) orders in \(Self.decimal(seconds)) s: \(Int(ordersPerSecond)) orders/s"
        if let ordersPerCPUSecond { text += ", \(Int(ordersPerCPUSecond)) orders per CPU second" }
        return text + "\n"
    }

    var json: JSONValue {
        func number(_ value: Double) -> JSONValue { .double((value * 100).rounded() / 100) }
        let waves = waves.map { wave -> JSONValue in
            .object([
                ("name", .string(wave.name)), ("seconds", number(wave.seconds)),
                ("ordersPerSecond", .int(Int(Double(orders) / max(wave.seconds, 0.001)))), ("cpuSeconds", number(wave.cpuSeconds)),
            ])
        }
        let processes = processes.map { process -> JSONValue in
            .object([
                ("name", .string(process.name)), ("cpuSeconds", number(process.cpuSeconds)), ("pssMiB", number(process.pss)),
                ("peakRssMiB", number(process.peak)),
            ])
        }
        return .object([
            ("orders", .int(orders)), ("seconds", number(seconds)), ("ordersPerSecond", .int(Int(ordersPerSecond))),
            ("cpuSeconds", number(cpuSeconds)), ("ordersPerCpuSecond", ordersPerCPUSecond.map { .int(Int($0)) } ?? .null),
            ("waves", .array(waves)), ("processes", .array(processes)),
        ])
    }

    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
