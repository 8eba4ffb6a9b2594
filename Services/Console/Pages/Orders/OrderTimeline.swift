import Contracts
import Identity
import JSON
import ReadModel
import Texts
import Threads
import Web

/// What happened to an order, newest first; a long middle is folded.
struct OrderTimeline {
    /// Entries at each end that are always shown.
    private static let shown = 8
    private static let unknown = "…"

    let frame: PageFrame
    let order: OrderView
    let names: TargetNames

    var html: HTML {
        let entries = Array((order.history ?? []).reversed())
        guard !entries.isEmpty else { return .empty }
        return section(.class("card")) {
            h2(frame.say("event.title"))
            if entries.count > Self.shown * 2 {
                list(entries.prefix(Self.shown))
                details(.class("fold")) {
                    summary(frame.say("event.fold", count: entries.count - Self.shown * 2))
                    list(entries.dropFirst(Self.shown).dropLast(Self.shown))
                }
                list(entries.suffix(Self.shown))
            } else {
                list(entries[...])
            }
        }
    }

    private func list(_ entries: ArraySlice<HistoryView>) -> HTML {
        ol(.class("timeline")) {
            entries.map { entry in
                li(.class(style(entry)).when(!style(entry).isEmpty)) {
                    text(entry)
                    span(.class("under")) {
                        frame.time(entry.time)
                        " "
                        frame.say("event.by", ["actor": actor(entry.actor)])
                        if let id = entry.allocationId {
                            " "
                            frame.number(id)
                        }
                    }
                }
            }
        }
    }

    private func style(_ entry: HistoryView) -> String {
        if entry.code != nil { return "bad" }
        switch name(entry.type) {
        case "shipping.shipped", "shipping.ready", "shipping.upload-confirmed", "waybill.returned": return "good"
        case "allocation.order-held", "allocation.order-cancelled", "shipping.upload-failed", "shipping.outbound-rejected": return "bad"
        default: return ""
        }
    }

    /// `allocation.allocated` of `daifa.allocation.allocated.v1`.
    private func name(_ type: String) -> String { type.split(separator: ".").dropFirst().dropLast().joined(separator: ".") }

    private func text(_ entry: HistoryView) -> String {
        let key = "event.\(name(entry.type))"
        guard frame.say.has(key) else { return frame.say("event.other", ["type": name(entry.type)]) }
        let allocation = order.allocations.first { $0.allocationId == entry.allocationId }
        let isUpload = entry.type.contains(".upload-")
        let uploads = (allocation?.uploads ?? []).map { frame.say("upload.\($0.target.rawValue)") }.joined(separator: " / ")
        return frame.say(
            key,
            [
                "target": isUpload ? filled(uploads) : allocation.map { names.name($0.target) } ?? Self.unknown,
                "reason": reason(entry), "holds": filled(order.holds.map { frame.say("hold.\($0.rawValue)") }.joined(separator: ", ")),
                "carrier": frame.named("carrier", filled(allocation?.carrier ?? "")), "number": number(entry, allocation),
                "state": allocation?.outbound?.state.map { frame.say("state.outbound.\($0.rawValue)") } ?? Self.unknown,
                "copies": Self.unknown, "type": name(entry.type),
            ])
    }

    private func filled(_ text: String) -> String { text.isEmpty ? Self.unknown : text }

    private func number(_ entry: HistoryView, _ allocation: AllocationView?) -> String {
        let number = entry.type.contains(".outbound-") ? allocation?.outbound?.partnerNumber : allocation?.waybillNumber
        return number ?? Self.unknown
    }

    private func reason(_ entry: HistoryView) -> String {
        if let code = entry.code { return frame.named("refusal", "\(code).happened") }
        guard let reason = entry.reason else { return Self.unknown }
        for family in ["reason.deallocation", "reason.upload", "reason.outbound", "reason.report"]
        where frame.say.has("\(family).\(reason)") {
            return frame.say("\(family).\(reason)")
        }
        return reason
    }

    private func actor(_ actor: String) -> String {
        if actor == frame.caller?.actor { return frame.say("actor.you") }
        let parts = actor.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return frame.say("actor.service") }
        switch parts[0] {
        case "factory": return frame.say("target.factory", ["name": names.factories[parts[1]] ?? parts[1]])
        case "partner": return frame.say("actor.partner", ["name": parts[1]])
        case "merchant", "operator": return parts[1]
        default: return frame.say("actor.service")
        }
    }
}
