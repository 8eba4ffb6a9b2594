import Foundation
import TestSupport
import Testing

/// All kill tests, one after the other: each needs the machine.
///
/// `DAIFA_TEST_CHAOS_SEED`: of the random moments; without it another one each time, which is printed.
@Suite(.serialized, .enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need))) enum ChaosSuite {
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["DAIFA_TEST_CHAOS_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(UInt32.max))
}
