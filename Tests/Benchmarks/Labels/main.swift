import Glibc
import Labels

// Draws labels in batches and prints how long each took and how large it is; /usr/bin/time -v tells the memory.
// LabelBenchmark [labels in a batch, 500] [batches, 3] [different characters, 3755]

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let count = arguments.first ?? 500
let batches = arguments.dropFirst().first ?? 3
let variety = arguments.dropFirst(2).first ?? 3_755

/// Recipients' names and addresses go through the characters one after the other; senders and goods are those of a few merchants.
struct BenchmarkLabels {
    let count: Int
    let variety: Int
    private var next = 0
    private var merchants: [String] = []
    private var goods: [String] = []

    init(count: Int, variety: Int) {
        self.count = count
        self.variety = variety
        merchants = (0..<10).map { _ in text(15) }
        goods = (0..<50).map { _ in text(12) }
    }

    private mutating func text(_ length: Int) -> String {
        var result = String.UnicodeScalarView()
        for _ in 0..<length {
            // The main block, spread out so that they are not all of one radical.
            if let scalar = Unicode.Scalar(UInt32(0x4E00 + next % variety * 5)) { result.append(scalar) }
            next += 1
        }
        return String(result)
    }

    mutating func label(_ index: Int) -> LabelContent {
        let merchant = merchants[index % 10]
        let digits = String(100_000_000_000 + index)
        return LabelContent(
            carrier: "SF", carrierName: "顺丰速运", waybillNumber: "SF1" + digits, sortingText: "755WE-\(index % 90)",
            recipient: .init(
                name: text(3), phone: "138" + digits.suffix(8),
                address: .init(province: "广东省", city: "深圳市", district: "南山区", town: "粤海街道", detail: text(20) + "\(index)号")),
            sender: .init(
                alias: String(merchant.prefix(6)), name: String(merchant.prefix(3)), phone: "13900000000",
                address: .init(province: "浙江省", city: "杭州市", district: "余杭区", detail: merchant)),
            lines: [.init(name: goods[index % 50], spec: "红色 XL", quantity: 2), .init(name: goods[index % 7], spec: "", quantity: 1)],
            remark: "请放门口",
            orderNumber: "P\(index)", place: .init(index + 1, of: count))
    }
}

let renderer = LabelRenderer()
var source = BenchmarkLabels(count: count, variety: max(variety, 1))
let labels = (0..<count).map { source.label($0) }
for batch in 1...max(batches, 1) {
    var start = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start)
    let file = try renderer.pdf(labels)
    var end = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end)
    let milliseconds = (end.tv_sec - start.tv_sec) * 1_000 + (end.tv_nsec - start.tv_nsec) / 1_000_000
    print("batch \(batch): \(count) labels, \(milliseconds) ms of CPU, \(file.bytes.count / 1_024) KiB")
}
