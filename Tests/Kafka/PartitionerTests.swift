import Kafka
import TestSupport
import Testing

@Suite struct PartitionerTests {
    /// From Apache Kafka's own UtilsTest.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ])
    func hashesLikeJava(key: String, hash: Int32) {
        #expect(Array(key.utf8).withUnsafeBytes { Partitioner.murmur2($0) } == hash)
    }

    @Test func aPartitionIsNeverNegative() {
        for number in 0..<1000 {
            #expect((0..<6).contains(Partitioner.partition(forKey: "order-\(number)", count: 6)))
        }
    }
}
