import TestSupport
import Testing

@testable import Threads

struct ServiceClockTests {
    private let clocks = MovedClocks()
    private let year = 365 * 86_400.0

    @Test func aClockThatRunsIsSteady() {
        let clock = clocks.clock
        for _ in 0..<1000 {
            clocks.pass(60)
            #expect(clock.read() == ServiceClock.Reading(now: clocks.now, isSteady: true))
        }
        #expect(clock.takeLeap() == nil)
    }

    @Test(arguments: [1.0, -1.0]) func afterALeapItIsNotSteadyForAnHour(_ sign: Double) {
        let clock = clocks.clock
        _ = clock.read()
        clocks.set(by: sign * year)
        #expect(!clock.read().isSteady)
        #expect(clock.takeLeap() == Int(sign * year) && clock.takeLeap() == nil)
        clocks.pass(3599)
        #expect(!clock.read().isSteady)
        clocks.pass(1)
        #expect(clock.read() == ServiceClock.Reading(now: clocks.now, isSteady: true))
    }

    @Test func aLeapBackBeginsTheHourAnew() {
        let clock = clocks.clock
        _ = clock.read()
        clocks.set(by: year)
        _ = clock.read()
        clocks.pass(1800)
        clocks.set(by: -year)
        #expect(!clock.read().isSteady)
        clocks.pass(3000)
        #expect(!clock.read().isSteady)
        clocks.pass(600)
        #expect(clock.read().isSteady)
    }

    /// A time server that moves the clock a little, again and again.
    @Test func smallDifferencesDoNotAddUp() {
        let clock = clocks.clock
        for _ in 0..<2000 {
            clocks.pass(60)
            clocks.set(by: 0.5)
            #expect(clock.read().isSteady)
        }
    }

    /// A leap in small steps is one too.
    @Test func manySmallStepsAtOnceAreALeap() {
        let clock = clocks.clock
        _ = clock.read()
        var wasSteady = true
        for _ in 0..<20 {
            clocks.pass(1)
            clocks.set(by: 10)
            wasSteady = clock.read().isSteady
        }
        #expect(!wasSteady)
    }
}
