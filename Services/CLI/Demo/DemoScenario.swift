import Contracts
import Partners
import SampleData
import TableFiles

/// The shops and order exports of a demonstration. The same seed and number of orders give the same ids, so that a second run finds
/// what the first one did.
struct DemoScenario {
    struct Merchant {
        let shopId: String
        let alias: String
        /// Indices of the factories that it applies to; the last one of the first merchant declines.
        let applies: [Int]
        let bound: [Int]
    }

    struct Factory {
        let shopId: String
        let name: String
        /// Of its pool of numbers.
        let carrier: String
        /// The head of all numbers of that carrier, and how many digits follow.
        let numbers: (head: String, digits: Int)
    }

    struct Export {
        let bytes: [UInt8]
        let expected: OrderExportGenerator.Counts
        let result: OrderExport.Result
    }

    /// Orders of the first merchant with such a code go to the rule's factory by themselves.
    static let rulePrefix = "BW-"
    static let ruleFactory = 1

    let seed: UInt64
    let orders: Int
    let run: String
    let merchants: [Merchant]
    let factories: [Factory]

    init(seed: UInt64, orders: Int) {
        self.seed = seed
        self.orders = orders
        run = "demo-\(seed)-\(orders)"
        merchants = [
            Merchant(shopId: "\(run)-m1", alias: "晴天小铺", applies: [0, 1, 2], bound: [0, 1]),
            Merchant(shopId: "\(run)-m2", alias: "山海优选", applies: [0, 2], bound: [0, 2]),
        ]
        factories = [
            Factory(shopId: "\(run)-f1", name: "义乌一厂", carrier: "ZTO", numbers: ("73", 12)),
            Factory(shopId: "\(run)-f2", name: "金华二厂", carrier: "JT", numbers: ("JT", 13)),
            Factory(shopId: "\(run)-f3", name: "绍兴三厂", carrier: "STO", numbers: ("77", 13)),
        ]
    }

    /// Each merchant's export, in the platform's format: in different encodings, with different quirks.
    /// - Throws: `CSVError`, `OrderExport.Failure`.
    func exports() throws -> [Export] {
        try merchants.indices.map { index in
            var configuration = OrderExportGenerator.Configuration()
            configuration.seed = DemoHash.of("\(run)|export|\(index)")
            let first = orders - orders * 2 / 5
            configuration.orders = index == 0 ? first : orders - first
            configuration.shares.bad = 0.01
            configuration.shares.duplicate = 0.01
            // Another day: the date is part of an order number, and no two merchants have the same.
            configuration.startsAt -= Int64(index) * 86_400_000
            if index == 0 {
                configuration.fullWidthHeader = true
                configuration.extraColumns = true
            } else {
                configuration.encoding = .gb18030
                configuration.shufflesColumns = true
                configuration.windowsLineEnds = false
                configuration.fullWidthCommas = false
            }
            let made = try OrderExportGenerator(configuration).generate()
            return Export(bytes: made.bytes, expected: made.expected, result: try OrderExport.read(made.bytes))
        }
    }
}

/// A hash that is the same on every machine and in every run: FNV-1a, then SplitMix64's finish. Not for secrets.
enum DemoHash {
    static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }

    /// 0 ..< bound.
    static func of(_ text: String, below bound: Int) -> Int { Int(of(text) % UInt64(bound)) }
}
