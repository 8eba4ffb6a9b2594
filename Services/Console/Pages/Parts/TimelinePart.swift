import Contracts
import Identity
import JSON
import ReadModel
import Texts
import Threads
import Web

/// What happened, oldest first; a long middle is folded.
struct TimelinePart {
    struct Line: Sendable {
        var time: Timestamp
        /// `ce_type`.
        var type: String
        /// As the contract names actors; nil: it is not said.
        var actor: String?
        /// Of a refusal.
        var code: String?
        /// What fills the slots of the event's text.
        var values: [String: String] = [:]
    }

    /// Lines that stand at both ends of a folded middle.
    private static let kept = 4

    let frame: PageFrame
    let lines: [Line]

    init(frame: PageFrame, lines: [Line]) { (self.frame, self.lines) = (frame, lines) }

    /// Of an order or a parcel.
    init(frame: PageFrame, history: [HistoryView]) {
        let say = frame.say
        self.init(
            frame: frame,
            lines: history.map { entry in
                let reason = entry.code.map { frame.refusal($0) } ?? entry.reason.map { frame.reason($0) } ?? say("app.unknown")
                return Line(time: entry.time, type: entry.type, actor: entry.actor, code: entry.code, values: ["reason": reason])
            })
    }

    var html: HTML {
        guard lines.count > 2 * Self.kept + 2 else { return list(lines[...]) }
        let middle = lines.dropFirst(Self.kept).dropLast(Self.kept)
        return HTML {
            list(lines.prefix(Self.kept))
            details(.class("fold")) {
                summary(frame.say("event.fold", count: middle.count))
                list(middle)
            }
            list(lines.suffix(Self.kept))
        }
    }

    private func list(_ lines: ArraySlice<Line>) -> HTML { ol(.class("timeline")) { lines.map { item($0) } } }

    private func item(_ line: Line) -> HTML {
        li(.class("bad").when(line.code != nil)) {
            span(text(line))
            span(.class("under")) {
                frame.time(line.time)
                if let actor = line.actor { HTML(" \(frame.say("event.by", ["actor": frame.actorName(actor)]))") }
            }
        }
    }

    /// Texts whose slots nothing fills are told by the type's name alone.
    private func text(_ line: Line) -> String {
        let say = frame.say
        let parts = line.type.split(separator: ".")
        let name = parts.count == 4 ? "\(parts[1]).\(parts[2])" : line.type
        guard say.has("event.\(name)") else { return say("event.other", ["type": name]) }
        let needed = say.parts("event.\(name)").slots
        let values = needed.reduce(into: [String: String]()) { values, slot in values[slot] = line.values[slot] ?? say("app.unknown") }
        return say("event.\(name)", values)
    }
}

extension TimelinePart.Line {
    /// An event as a command's answer has it.
    init(time: Timestamp, type: String, data: JSONValue?, in frame: PageFrame) {
        let say = frame.say
        var values: [String: String] = [:]
        values["carrier"] = data?["carrier"]?.string.map { say.has("carrier.\($0)") ? say("carrier.\($0)") : $0 }
        values["number"] = data?["waybillNumber"]?.string ?? data?["partnerNumber"]?.string ?? data?["number"]?.string
        values["code"] = data?["warehouseCode"]?.string ?? data?["code"]?.string
        values["copies"] = data?["copies"]?.int.map { frame.language.grouped($0) }
        let code = type.hasSuffix(".refused.v1") ? data?["code"]?.string : nil
        values["reason"] = code.map { frame.refusal($0) } ?? data?["reason"]?.string.map { frame.reason($0) }
        if let kind = data?["target"]?["kind"]?.string, let id = data?["target"]?["id"]?.string, say.has("target.\(kind)") {
            values["target"] = say("target.\(kind)", ["name": id])
        }
        self.init(time: time, type: type, actor: nil, code: code, values: values)
    }
}

extension PageFrame {
    /// What a refusal's code says happened.
    func refusal(_ code: String) -> String {
        say.has("refusal.\(code).happened") ? say("refusal.\(code).happened") : code
    }

    /// A reason of whatever kind.
    func reason(_ reason: String) -> String {
        for kind in ["deallocation", "consent", "upload", "report"] where say.has("reason.\(kind).\(reason)") {
            return say("reason.\(kind).\(reason)")
        }
        if say.has("print.again.reason.\(reason)") { return say("print.again.reason.\(reason)") }
        return say.has("hold.\(reason)") ? say("hold.\(reason)") : reason
    }

    /// An actor in words.
    func actorName(_ actor: String) -> String {
        if actor == caller?.actor { return say("actor.you") }
        let parts = actor.split(separator: ":", maxSplits: 1).map(String.init)
        let name = parts.count == 2 ? parts[1] : ""
        switch parts.first {
        case "service": return say("actor.service")
        case "partner": return say("actor.partner", ["name": say.has("provider.\(name)") ? say("provider.\(name)") : name])
        case "operator": return say("role.operator")
        case "merchant", "factory": return "\(say("role.\(parts[0])")) \(name)"
        default: return actor
        }
    }
}
