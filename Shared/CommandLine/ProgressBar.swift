/// How far long work has come, on standard error, and only when that is a terminal.
public struct ProgressBar: ~Copyable {
    /// Pause between two drawings.
    private static let interval = Duration.milliseconds(100)

    public let title: String
    /// 0: not known.
    public private(set) var total: Int
    public private(set) var done = 0
    private let isShown: Bool
    private let started: ContinuousClock.Instant
    private var drawn: ContinuousClock.Instant?

    public init(_ title: String, total: Int = 0, isShown: Bool = Terminal.errorIsTerminal) {
        self.title = title
        self.total = total
        self.isShown = isShown
        started = .now
    }

    public mutating func advance(by count: Int = 1) { move(to: done + count) }

    public mutating func move(to done: Int, of total: Int? = nil) {
        self.done = done
        if let total { self.total = total }
        let now = ContinuousClock.now
        guard isShown, drawn.map({ now - $0 >= Self.interval }) ?? true else { return }
        drawn = now
        draw(now)
    }

    /// Leaves the bar as it is and goes to the next line.
    public mutating func finish() {
        guard isShown else { return }
        draw(.now)
        Terminal.writeError("")
    }

    private func draw(_ now: ContinuousClock.Instant) {
        let line = Self.line(title, done: done, total: total, seconds: (now - started) / .seconds(1), width: Terminal.width)
        Terminal.write("\r\u{1B}[K\(line)", to: 2)
    }

    /// One line of at most `width` columns: `Import  [#####     ]  50 %  1000/2000  500/s  2 s left`.
    static func line(_ title: String, done: Int, total: Int, seconds: Double, width: Int) -> String {
        let rate = seconds > 0 ? Double(done) / seconds : 0
        var numbers = total > 0 ? "\(min(100, done * 100 / total)) %  \(done)/\(total)" : "\(done)"
        if rate >= 1 { numbers += "  \(Int(rate))/s" }
        if total > done, rate > 0 { numbers += "  \(Int((Double(total - done) / rate).rounded(.up))) s left" }
        let room = width - 1 - title.count - numbers.count - 6
        guard total > 0, room >= 10 else { return String("\(title)  \(numbers)".prefix(width - 1)) }
        let cells = min(room, 40)
        let filled = min(cells, cells * done / total)
        return "\(title)  [\(String(repeating: "#", count: filled))\(String(repeating: " ", count: cells - filled))]  \(numbers)"
    }
}
