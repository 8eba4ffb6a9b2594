import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import TestSupport
import Testing
import Threads
import Web

@testable import Console

/// Texts that want to be more than texts, in everything that an order, a shop, a message, a user's name or a refusal says and in every id:
/// each page is the page that it is with a harmless text, with the other text in the same places.
@Suite struct HostileTextTests {
    private static let harmless = "Ordinary"

    static let texts = [
        "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onmouseover='alert(1)</title></textarea></script><b>x]]>--><!--",
        "&lt;b&gt; &amp;amp; &#60;i&#62; {count} {order} %s \\u003cb\\u003e", "javascript:alert(1)", "a\u{1}\u{7}\u{1B}[31mb\u{7F}\r\nc",
        "\u{202E}fdp.exe\u{2066}x\u{FEFF}\u{200B}\u{2028}y", "../../o/services?x=1#y", String(repeating: "<长>&", count: 500),
    ]

    /// What a spreadsheet would calculate, or take for the end of a cell.
    static let formulas = [
        "=HYPERLINK(\"https://evil.example\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "a,\"b;c\r\n=1+1", "\"=1+1",
    ]

    private struct Seen {
        var path: String
        var status: Int
        var names: [String]
        var attributes: [String]
        /// Texts that hold what was put in.
        var shown: Int
    }

    /// A merchant, a factory and what operators see, all of one text.
    private final class World {
        let text: String
        let scene: ConsoleScene
        /// Somebody who acts for all of them; logged in when first asked for.
        private(set) lazy var session = Result { try logIn() }

        init(_ text: String) throws {
            self.text = text
            var records = SceneRecords()
            records.pair("m1", "f1", text: text)
            records.dead(text)
            scene = try ConsoleScene(records: records.records)
            let row = HealthRow(
                service: .waybill, instance: text, ready: false, reason: text, shards: [],
                effects: EffectCounts(waiting: 0, running: 0, retrying: 0), at: scene.clock.now, version: 1)
            try scene.parts.health.apply(key: Array(row.key.utf8), value: row.json)
            let refusal = JSONValue.object([("note", .string(text))]).json
            scene.transport.reply(.refuse(LedgerRefusal(code: "invalid", detail: text, field: text, details: refusal)))
        }

        private func logIn() throws -> NewSession {
            // A name has 64 visible characters at most.
            let name = text.unicodeScalars.filter { scalar in
                let category = scalar.properties.generalCategory
                return ![.control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator].contains(category)
            }
            return try scene.session(
                "u" + String(String.UnicodeScalarView(name.prefix(30))),
                [("merchant:m1", .owner), ("factory:f1", .owner), ("operator", .owner)])
        }

        func path(_ template: RouteTemplate) throws -> String {
            let ids = [
                "shop": template.text.hasPrefix("/f") ? "f1" : "m1", "orderId": "o-\(text)", "allocationId": "o-\(text)/1",
                "ruleId": "r-\(text)", "channelId": "c-\(text)-\(template.text.hasPrefix("/f") ? "f1" : "m1")",
                "authorizationId": "a-\(text)",
                "merchant": "m1", "factory": "f1", "addressId": "x-\(text)", "service": "waybill", "id": "daifa.waybill.dead:0:0",
                "user": try session.get().open.user.name, "kind": "merchant",
            ]
            var path = template.text
            for name in template.parameters {
                let id = PercentEncoding.encode(ids[name] ?? text)
                path = path.replacing("{\(name)...}", with: id).replacing("{\(name)}", with: id)
            }
            return path
        }

        func look(_ path: String, _ answer: SceneAnswer) throws -> Seen {
            let read = try MarkupReader.read(answer.response.body)
            for (name, value) in read.attributes {
                #expect(!name.hasPrefix("on") && name != "style" && name != "srcdoc", "\(path)")
                guard ["href", "src", "action", "formaction"].contains(name) else { continue }
                let isOurs = value.hasPrefix("/") && !value.hasPrefix("//") || value.hasPrefix("#") || value.hasPrefix("?")
                #expect(isOurs || value.hasPrefix("https://x/"), "\(path): \(name)=\(value.prefix(80))")
            }
            // What opens a dialog needs the script and what it opens it in.
            if read.names.contains("html"), read.attributes.contains(where: { $0.name == "data-confirm" }) {
                #expect(read.attributes.contains { $0.name == "src" && $0.value.hasSuffix("/confirm.js") }, "\(path)")
                #expect(read.attributes.contains { $0.name == "data-confirm-dialog" }, "\(path)")
            }
            // The user's name is another text where it may not be this one.
            let (shown, name) = (MarkupReader.shown(text), try session.get().open.user.name)
            return Seen(
                path: path, status: answer.status, names: read.names, attributes: read.attributes.map(\.name),
                shown: read.texts.count { $0.contains(shown) && !$0.contains(name) })
        }
    }

    private static let pages = Result {
        try ConsoleScene().router.routes.filter { route in
            !["/api/", "/partners/", "/assets/"].contains { route.template.text.hasPrefix($0) }
        }
    }

    /// What a world's pages look like, asked one after the other.
    private func tour(_ world: World) throws -> [Seen] {
        try Self.pages.get().filter { $0.method == .get }.compactMap { route in
            let path = try world.path(route.template)
            let answer = try world.scene.ask("GET", path, as: Guest(world.session.get()))
            guard answer.header("content-type")?.hasPrefix("text/html") == true else { return nil }
            return try world.look(route.template.text, answer)
        }
    }

    /// Every form filled with the text throughout: what comes back is a page with what was typed, or leads on.
    private func fill(_ world: World) throws -> [Seen] {
        try Self.pages.get().filter { $0.method == .post && !["page-log-out", "page-end-session"].contains($0.name) }.compactMap { route in
            let fields = Self.fields.map { ($0, $0 == "order" ? "o-\(world.text)" : world.text) }
            let all = fields + [("csrf", try world.session.get().open.maskedCSRF)]
            let body = all.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
            let answer = try world.scene.ask(
                "POST", world.path(route.template), as: Guest(world.session.get()).csrf(nil), body: body,
                type: "application/x-www-form-urlencoded")
            #expect(answer.status < 500, "\(route.template.text): \(answer.status)")
            guard answer.header("content-type")?.hasPrefix("text/html") == true else { return nil }
            return try world.look("POST \(route.template.text)", answer)
        }
    }

    private static let fields = [
        "phone", "carrier", "platform", "lines", "kind", "inboundId", "reason", "priority", "user", "quantity", "order", "supplierNo",
        "warehouseCode", "shopId", "redirectUrl", "mode", "message", "target", "province", "unusual", "senderAddress", "factoryShopId",
        "district", "number", "shopAlias", "line", "returnAddress", "authorizationId", "id", "first", "appKey", "sender", "role", "pin",
        "company", "numbers", "detail", "allocationId", "allocation", "platformShopId", "country", "addressId", "item", "waybillNumber",
        "warehouse", "postcode", "of", "extraNumbers", "channelName", "api", "name", "warehouseId", "zone", "match", "command", "isvSource",
        "city", "language", "town", "contact", "carrierCode", "last", "shopNo", "departmentCode", "ruleId", "stop",
    ]

    private func expectAlike(_ hostile: [Seen], _ plain: [Seen]) {
        #expect(hostile.map(\.path) == plain.map(\.path))
        for (seen, plain) in zip(hostile, plain) where seen.path == plain.path {
            #expect(seen.status == plain.status, "\(seen.path): \(seen.status) instead of \(plain.status)")
            #expect(seen.names == plain.names, "\(seen.path): \(Self.difference(seen.names, plain.names))")
            #expect(seen.attributes == plain.attributes, "\(seen.path): \(Self.difference(seen.attributes, plain.attributes))")
            #expect(seen.shown == plain.shown, "\(seen.path): shown \(seen.shown) times instead of \(plain.shown)")
        }
    }

    /// What is wrong with a text differs from text to text; what pages are made of does not.
    private func expectNothingNew(_ hostile: [Seen], _ plain: [Seen]) {
        let (elements, attributes) = (Set(plain.flatMap(\.names)), Set(plain.flatMap(\.attributes)))
        let scripts = Set(plain.map { $0.names.count { $0 == "script" } })
        for seen in hostile {
            #expect(elements.isSuperset(of: seen.names), "\(seen.path): \(Set(seen.names).subtracting(elements))")
            #expect(attributes.isSuperset(of: seen.attributes), "\(seen.path): \(Set(seen.attributes).subtracting(attributes))")
            #expect(scripts.contains(seen.names.count { $0 == "script" }), "\(seen.path)")
        }
    }

    private static func difference(_ left: [String], _ right: [String]) -> String {
        let first = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(left.count, right.count)
        return "\(left.count) and \(right.count), first at \(first): \(left.dropFirst(first).prefix(5)) \(right.dropFirst(first).prefix(5))"
    }

    private static let plainTour = Result { try HostileTextTests().tour(World(harmless)) }
    private static let plainForms = Result { try HostileTextTests().fill(World(harmless)) }

    @Test func theTextIsInMostPages() throws {
        let tour = try Self.plainTour.get()
        #expect(tour.count > 50 && tour.count { $0.shown > 0 } > 25, "\(tour.filter { $0.shown == 0 }.map(\.path))")
        #expect(try Self.plainForms.get().count > 20)
    }

    @Test(arguments: texts) func itIsATextEverywhere(text: String) throws {
        let world = try World(text)
        try documentsHoldItAsItIs(world)
        try expectAlike(tour(world), Self.plainTour.get())
        try expectNothingNew(fill(world), Self.plainTour.get() + Self.plainForms.get())
        try sheetsCalculateNothing(world)
    }

    @Test(arguments: formulas) func itIsNoFormula(text: String) throws {
        let world = try World(text)
        try documentsHoldItAsItIs(world)
        try sheetsCalculateNothing(world)
    }

    /// A spreadsheet calculates nothing of what others have written.
    private func sheetsCalculateNothing(_ world: World) throws {
        let text = world.text
        let command = JSONValue.object([("orderId", .string(text)), ("merchantShopId", .string("m1"))])
        let sent = world.scene.ask(
            "POST", "/api/v1/commands/allocation/approve-order", as: try world.scene.token("merchant:m1"),
            body: String(decoding: command.json, as: UTF8.self))
        for (path, actor, least) in [
            ("orders", "merchant:m1", 4), ("parcels", "factory:f1", 4), ("commands", "merchant:m1", 2), ("bindings", "factory:f1", 1),
            ("rules", "merchant:m1", 2), ("warehouses", "merchant:m1", 3), ("stock", "merchant:m1", 2), ("inbounds", "merchant:m1", 3),
            ("channels", "merchant:m1", 2), ("channels", "factory:f1", 2), ("authorizations", "merchant:m1", 1),
        ] {
            // A very long id is refused before anything is sent.
            if path == "commands", sent.json["commandId"] == nil { continue }
            let guest = try world.scene.token(actor).setting("Accept", "text/csv")
            let answer = world.scene.ask("GET", "/api/v1/\(path)", as: guest)
            #expect(answer.status == 200 && answer.header("content-type") == "text/csv; charset=utf-8")
            let rows = try Self.sheet(String(decoding: answer.response.wholeBody(), as: UTF8.self))
            #expect(rows.count >= 2 && Set(rows.map(\.count)).count == 1, "\(path): \(rows.map(\.count))")
            for cell in rows.joined() {
                #expect(cell.unicodeScalars.first.map { !"=+-@\t\r".unicodeScalars.contains($0) } ?? true, "\(path): \(cell.prefix(40))")
            }
            let row = try #require(rows.dropFirst().first, "\(path): \(text.prefix(40))")
            #expect(row.count { $0.contains(text) } >= least, "\(path): \(row.map { $0.prefix(40) })")
        }
    }

    /// Rows of RFC 4180, without the mark; strict.
    private static func sheet(_ text: String) throws -> [[String]] {
        struct Malformed: Error {}
        var (rows, row, cell): ([[String]], [String], String.UnicodeScalarView) = ([], [], .init())
        var rest = text.unicodeScalars.dropFirst(text.unicodeScalars.first == "\u{FEFF}" ? 1 : 0)
        while !rest.isEmpty {
            if rest.first == "\"" {
                rest.removeFirst()
                while true {
                    let part = rest.prefix { $0 != "\"" }
                    cell.append(contentsOf: part)
                    rest = rest[part.endIndex...].dropFirst()
                    guard rest.first == "\"" else { break }
                    cell.append("\"")
                    rest.removeFirst()
                }
            } else {
                let part = rest.prefix { !",\r\n\"".unicodeScalars.contains($0) }
                cell.append(contentsOf: part)
                rest = rest[part.endIndex...]
            }
            row.append(String(cell))
            cell = .init()
            if rest.first == "," {
                rest.removeFirst()
                continue
            }
            guard rest.starts(with: "\r\n".unicodeScalars) else { throw Malformed() }
            rest = rest.dropFirst(2)
            rows.append(row)
            row = []
        }
        return rows
    }

    /// The API tells it as it is.
    private func documentsHoldItAsItIs(_ world: World) throws {
        let text = world.text
        let order = world.scene.ask("GET", "/api/v1/orders", as: try world.scene.token("merchant:m1")).json["items"]?[0]
        #expect(order?["orderId"] == .string("o-\(text)") && order?["remark"] == .string(text))
        #expect(order?["lines"]?[0]?["name"] == .string(text))
        let parcel = world.scene.ask("GET", "/api/v1/parcels", as: try world.scene.token("factory:f1")).json["items"]?[0]
        #expect(parcel?["shopAlias"] == .string(text) && parcel?["sender"]?["name"] == .string(text))
    }
}
