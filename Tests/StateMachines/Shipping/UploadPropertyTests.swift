import Contracts
import Testing

@testable import StateMachines

/// A marketplace as it is seen from outside: an order is shipped once, with one number, and others go beside it.
private struct Marketplace {
    var number: String?
    var further: Set<String> = []
    /// How often the order was shipped.
    var ships = 0

    /// What the performer does with a task. Ends before that when the attempt dies.
    mutating func perform(_ task: UploadTask, asksFirst: Bool) -> UploadOutcome {
        switch task.mode {
        case .further: further.insert(task.waybillNumber)
        case .first where number == nil: ship(task)
        case .first where asksFirst && number == task.waybillNumber: break
        case .first: return UploadScene.refused
        case .change where number == nil: ship(task)
        case .change: number = task.waybillNumber
        }
        further.formUnion(task.extraNumbers ?? [])
        return .confirmed
    }

    private mutating func ship(_ task: UploadTask) {
        number = task.waybillNumber
        ships += 1
    }
}

struct UploadPropertyTests {
    /// Parcels are shipped and amended, attempts die before or after the marketplace did what was asked, or are refused, and the merchant
    /// asks for it again: in the end the marketplace knows each number, and every `retry-upload` was answered once.
    @Test(arguments: 0..<200)
    func theMarketplaceEndsUpWithEveryNumber(seed: UInt64) throws {
        var random = Seeded(seed)
        var scene = UploadScene()
        var marketplace = Marketplace()
        var numbers: [Int: String] = [:]
        var serial = 0
        var retries: [String] = []
        var answers: [String] = []
        // Whether an earlier attempt of what is under way may have done it.
        var mayHaveRun = false

        func note(_ emissions: [String]) {
            answers += scene.shipment.answers.filter { $0.contains("retry-") }.compactMap { $0.split(separator: " ").last.map(String.init) }
            if emissions.contains("effect upload-marketplace") { mayHaveRun = false }
            let stages = scene.shipment.state.uploads(to: .marketplace).parcels.map(\.stage)
            #expect(stages.filter { $0 == .underWay }.count == (scene.task() == nil ? 0 : 1))
        }
        func waybillNumber() -> String {
            serial += 1
            return "YT\(1_000_000_000_000 + serial)"
        }

        for _ in 0..<40 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0 where numbers.count < 4:
                let number = numbers.count + 1
                numbers[number] = waybillNumber()
                note(try scene.shipped(number, numbers[number] ?? ""))
            case 1 where !numbers.isEmpty:
                let number = Int.random(in: 1...numbers.count, using: &random)
                numbers[number] = waybillNumber()
                note(try scene.amended(number, numbers[number] ?? ""))
            case 2 where !numbers.isEmpty:
                retries.append("retry-\(retries.count)")
                note(try scene.retry(Int.random(in: 1...numbers.count, using: &random), id: retries.last))
            case 3:
                if let task = scene.task() {
                    _ = marketplace.perform(task, asksFirst: mayHaveRun)
                    mayHaveRun = true
                }
            case 4 where scene.task() != nil: note(try scene.answer(UploadScene.refused))
            case 5...7:
                if let task = scene.task() { note(try scene.answer(marketplace.perform(task, asksFirst: mayHaveRun))) }
            default: break
            }
        }
        // The merchant asks for what failed until nothing has: the first parcel first, as the order is shipped with it.
        for _ in 0..<3 {
            while let task = scene.task() { note(try scene.answer(marketplace.perform(task, asksFirst: mayHaveRun))) }
            for number in numbers.keys.sorted() where scene.shipment.state.uploads(to: .marketplace).upload(number)?.stage == .failed {
                retries.append("retry-\(retries.count)")
                note(try scene.retry(number, id: retries.last))
                while let task = scene.task() { note(try scene.answer(marketplace.perform(task, asksFirst: mayHaveRun))) }
            }
        }
        let uploads = scene.shipment.state.uploads(to: .marketplace)
        #expect(uploads.parcels.allSatisfy { $0.stage == .confirmed } && uploads.parcels.count == numbers.count)
        for (number, waybillNumber) in numbers where number != uploads.main {
            #expect(marketplace.further.contains(waybillNumber), "parcel \(number)")
        }
        #expect(marketplace.number == uploads.main.flatMap { numbers[$0] })
        #expect(marketplace.ships == (numbers.isEmpty ? 0 : 1))
        #expect(answers.sorted() == retries.sorted())
    }
}
