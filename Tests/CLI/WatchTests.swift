import CommandLine
import Contracts
import JSON
import Kafka
import Runtime
import Testing

@testable import CLI

private func event(_ type: String?, key: String?, subject: String? = nil, data: String = "{}") -> EventRecord {
    var headers: [Header] = []
    if let type { headers.append(Header(name: "ce_type", value: Array(type.utf8))) }
    if let subject { headers.append(Header(name: "ce_subject", value: Array(subject.utf8))) }
    return EventRecord(
        Kafka.Message(
            topic: "daifa.allocation.events", partition: 1, offset: 2, timestamp: 0, key: key.map { Array($0.utf8) },
            value: Array(data.utf8),
            headers: headers))
}

@Suite struct WatchTests {
    private let allocated = event("daifa.allocation.allocated.v1", key: "o1", data: "{\"orderId\":\"o1\"}")

    @Test(arguments: [
        ("allocated", true), ("allocation.allocated", true), ("daifa.allocation.allocated.v1", true), ("waybill.allocated", false),
        ("cated", false), ("deallocated", false), ("", false),
    ]) func typesAreMeantWholeOrInPart(wanted: String, expected: Bool) {
        #expect(WatchFilter(types: [wanted]).accepts(allocated) == expected)
    }

    @Test func anOrderIsFoundByKeySubjectOrData() {
        let filter = WatchFilter(order: "o1")
        #expect(filter.accepts(allocated))
        #expect(filter.accepts(event("t", key: "k", subject: "o1")))
        #expect(filter.accepts(event("t", key: nil, data: "{\"orderId\":\"o1\"}")))
        #expect(!filter.accepts(event("t", key: "o11", subject: "o", data: "{\"orderId\":\"o2\"}")))
        #expect(!filter.accepts(event("t", key: nil, data: "not JSON")))
        #expect(!WatchFilter(order: "o1", types: ["sealed"]).accepts(allocated))
        #expect(WatchFilter(types: ["sealed", "allocated"]).accepts(allocated))
        #expect(WatchFilter().accepts(event(nil, key: nil)) && !WatchFilter(types: ["allocated"]).accepts(event(nil, key: nil)))
    }

    @Test func linesAreCutToTheTerminal() {
        #expect(Watch.line(allocated, width: nil) == "-  allocation.allocated  o1  {\"orderId\":\"o1\"}")
        #expect(Watch.line(allocated, width: 20) == "-  allocation.alloc…")
        #expect(Watch.line(event(nil, key: nil, data: "x"), width: nil) == "-  no type  no key  (1 bytes, not JSON)")
    }

    @Test func jsonKeepsWhatIsThere() {
        #expect(
            jsonLine(allocated.json)
                == "{\"topic\":\"daifa.allocation.events\",\"partition\":1,\"offset\":2,\"type\":\"daifa.allocation.allocated.v1\",\"key\":\"o1\",\"data\":{\"orderId\":\"o1\"}}\n"
        )
    }

    @Test func unknownServicesAreAMistake() { #expect(Daifa.execute(["watch", "--service", "alocation"]) == .usage) }

    @Test func shortNamesLeaveForeignTypesAlone() {
        #expect(TypeName.short("daifa.waybill.internal.take.v1") == "waybill.internal.take")
        #expect(TypeName.short("com.example.thing") == "com.example.thing" && TypeName.short("") == "")
    }
}
