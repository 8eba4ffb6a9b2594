import Contracts
import Kafka
import TestSupport
import Threads

/// What must be true after every kill test, whatever its orders are.
extension EventLog {
    /// An id stands on one event, and nothing was given up.
    func commonFindings(dead: [Received]) -> [String] {
        let ids = doubledIds
        let doubled = ids.isEmpty ? [] : ["\(ids.count) ids stand on more than one event, for example \(ids[0])"]
        return doubled + dead.prefix(5).map { "a dead letter: \($0.header("x-dead-reason") ?? "") \($0.header("x-dead-detail") ?? "")" }
    }

    /// The events of each order, in the order of the log for each topic.
    func byOrder(of driver: OrderDriver) -> [String: [Received]] {
        Dictionary(grouping: events.filter { $0.key?.hasPrefix(driver.prefix) == true }, by: { $0.key ?? "" })
    }

    /// Of what the driver has sent: each command has one answer, accepted or refused, and so have facts that are answered.
    /// - Parameter kinds: the ends of their ids, and who answers them.
    func answerFindings(_ driver: OrderDriver, _ kinds: [(suffix: String, service: ServiceName)]) -> [String] {
        let sent = driver.progress.withLock { $0.sent.values.flatMap(Array.init) }
        return kinds.flatMap { suffix, service in
            answerFindings(sent.filter { $0.hasSuffix(suffix) }, suffix, by: service)
        }
    }

    func answerFindings(_ ids: [String], _ what: String, by service: ServiceName) -> [String] {
        let (missing, doubled) = unanswered(ids, by: service)
        var findings: [String] = []
        if !missing.isEmpty { findings.append("\(missing.count) \(what) without an answer, for example \(missing[0])") }
        if !doubled.isEmpty { findings.append("\(doubled.count) \(what) with more than one answer, for example \(doubled[0])") }
        return findings
    }
}
