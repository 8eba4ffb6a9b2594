import Partners
import Testing

struct PartnerKeyTests {
    @Test(arguments: [
        ("pdd:251111-1/2", "pdd:251111-1_2"), ("X/1", "X_1"), ("X_1/1", "X__1_1"), ("X/1/1", "X_-1_1"), ("_/7", "___7"), ("//7", "_-_7"),
        ("X", "X"), ("X_1", "X__1"), ("X/a", "X_-a"), ("单/3", "单_3"), ("", ""),
    ])
    func anAllocationIsSentWithoutSlashes(_ id: String, _ key: String) { #expect(PartnerKey.of(allocationId: id) == key) }

    @Test func anInboundOrderIsSentWithoutSlashes() {
        #expect(PartnerKey.of(id: "in/1_2") == "in_-1__2")
    }

    /// All ids of up to six of the characters that are changed, or look as if they had been.
    @Test func twoIdsNeverMeet() {
        let alphabet = ["_", "/", "-", "1", "X"]
        var ids = [""]
        var all: [String] = []
        for _ in 0..<6 {
            ids = ids.flatMap { id in alphabet.map { id + $0 } }
            all += ids
        }
        #expect(all.count == 19_530)
        #expect(Set(all.map { PartnerKey.of(id: $0) }).count == all.count)
        #expect(Set(all.map { PartnerKey.of(allocationId: $0) }).count == all.count)
        #expect(all.allSatisfy { !PartnerKey.of(allocationId: $0).contains("/") && !PartnerKey.of(id: $0).contains("/") })
    }
}
