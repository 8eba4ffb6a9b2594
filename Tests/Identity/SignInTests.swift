import Crypto
import Foundation
import Testing
import Texts
import Threads

@testable import Identity

@Suite struct SignInTests {
    @Test func aWrongUserAndAWrongPasswordAreOneRefusal() throws {
        let scene = try Scene()
        _ = try scene.signUp("Anna")
        #expect(refusal { _ = try scene.signIn("Anna", "wrong horse!") } == .wrongCredentials)
        #expect(refusal { _ = try scene.signIn("Nobody") } == .wrongCredentials)
        #expect(refusal { _ = try scene.signIn("") } == .wrongCredentials)
        #expect(refusal { _ = try scene.signIn("Anna", "") } == .wrongCredentials)
        #expect(try scene.signIn("Anna").open.user.name == "Anna")
    }

    @Test func aUserWhoDoesNotExistCostsAHashToo() throws {
        let hasher = try Scene.hasher.get()
        let start = Clock.seconds
        for _ in 0..<3 { #expect(try !hasher.isValid("correct horse", for: nil)) }
        let withoutUser = Clock.seconds - start
        // Three hashes of 19 MiB; a comparison that is left out takes microseconds.
        #expect(withoutUser > 0.01)
    }

    @Test func aNameIsComparedWithoutCaseAndInNFC() throws {
        let scene = try Scene()
        _ = try scene.signUp("Ánh")
        #expect(try scene.signIn("a\u{301}NH").open.user.name == "Ánh")
        #expect(refusal { _ = try scene.signUp("ÁNH") } == .invalid(field: "user", .taken))
        _ = try scene.signUp("Straße")
        #expect(refusal { _ = try scene.signUp("STRASSE") } == .invalid(field: "user", .taken))
    }

    @Test func aPasswordIsTheSameFromAnyKeyboard() throws {
        let scene = try Scene()
        _ = try scene.people.signUp(user: "Linh", password: "mật khẩu dài", language: .vi, client: scene.client, now: scene.now)
        _ = try scene.signIn("Linh", "mật khẩu dài".decomposedStringWithCanonicalMapping)
    }

    @Test(arguments: [
        ("", PeopleError.invalid(field: "user", .missing)), (String(repeating: "名", count: 65), .invalid(field: "user", .tooLong(64))),
        ("a b", .invalid(field: "user", .invisible)), ("a\u{200B}", .invalid(field: "user", .invisible)),
        ("a\u{0}", .invalid(field: "user", .invisible)),
    ])
    func aNameThatCannotBeIsNamed(name: String, error: PeopleError) throws {
        let scene = try Scene()
        #expect(refusal { _ = try scene.signUp(name) } == error)
    }

    @Test func aPasswordHasTenToAHundredAndTwentyEightCharacters() throws {
        let scene = try Scene()
        let cases: [(String, PeopleError.Reason?)] = [
            ("", .missing), ("123456789", .tooShort(10)), ("1234567890", nil), (String(repeating: "密", count: 128), nil),
            (String(repeating: "密", count: 129), .tooLong(128)),
        ]
        for (index, (password, reason)) in cases.enumerated() {
            let got = refusal {
                _ = try scene.people.signUp(
                    user: "user\(index)", password: password, language: .zh, client: scene.client, now: scene.now)
            }
            #expect(got == reason.map { .invalid(field: "password", $0) })
        }
    }

    @Test func registeringIsClosedUnlessItIsOpen() throws {
        let scene = try Scene(openSignUp: false)
        #expect(refusal { _ = try scene.signUp("Anna") } == .forbidden(.signUpClosed))
    }

    @Test func tenWrongPasswordsOfAUserFromAnAddressAreTooManyAlsoForTheRightOne() throws {
        let scene = try Scene()
        let session = try scene.signUp("Anna")
        for _ in 0..<10 { #expect(refusal { _ = try scene.signIn("ANNA", "wrong horse!") } == .wrongCredentials) }
        #expect(refusal { _ = try scene.signIn("Anna") } == .tooMany(retryAfter: 600))
        #expect(scene.isOpen(session))
        _ = try scene.signIn("Anna", from: "192.0.2.2")
        scene.pass(seconds: 599)
        #expect(refusal { _ = try scene.signIn("Anna") } == .tooMany(retryAfter: 1))
        scene.pass(seconds: 1)
        _ = try scene.signIn("Anna")
    }

    @Test func aStringOfAnotherCostIsMadeAnewAtTheNextLogIn() throws {
        let scene = try Scene()
        // Of argon2-cffi, with another cost: Tests/Crypto/PasswordVectors.swift.
        let old = "$argon2id$v=19$m=8192,t=3,p=1$OZz0I2hZ3usNZ13Ky43qvA$puA7wy6/cDdhTrZUovl03cwQR/g2noY1C1H+dBc6CbQ"
        _ = try scene.insert("Anna")
        try scene.store.change { (rows) throws(PeopleError) in
            guard var user = try rows.user(id: "id-Anna") else { throw .notFound }
            user.passwordHash = old
            try rows.update(user)
        }
        let hash = try scene.signIn("Anna", "another cost").open.user.passwordHash
        #expect(hash.map { PasswordHash.needsRehash($0) } == false)
        _ = try scene.signIn("Anna", "another cost")
    }

    @Test func moreHashesThanRunAndWaitAreTooMany() throws {
        var limits = PasswordHasher.Limits()
        (limits.atOnce, limits.waiting) = (1, 0)
        let hasher = try PasswordHasher(limits: limits)
        let inside = try hasher.inTurn { () throws(PeopleError) in
            do throws(PeopleError) { return try hasher.hash("correct horse") } catch { return "\(error)" }
        }
        #expect(inside == "\(PeopleError.tooMany(retryAfter: 1))")
        #expect(try hasher.hash("correct horse").hasPrefix("$argon2id$"))
    }
}

@Suite struct SignInFailuresTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    @Test func aHundredOfAUserOrOfAnAddressAreTooMany() {
        var failures = SignInFailures()
        for number in 0..<99 { failures.add(user: "anna", address: "10.0.0.\(number)", now: start) }
        #expect(failures.pause(user: "anna", address: "10.0.1.1", now: start) == nil)
        failures.add(user: "anna", address: "10.0.0.99", now: start)
        #expect(failures.pause(user: "anna", address: "10.0.1.1", now: start) == 600)
        #expect(failures.pause(user: "ben", address: "10.0.1.1", now: start) == nil)
        for number in 0..<100 { failures.add(user: "user\(number)", address: "10.9.9.9", now: start) }
        #expect(failures.pause(user: "ben", address: "10.9.9.9", now: start) == 600)
        #expect(failures.pause(user: "ben", address: "10.9.9.9", now: start.after(seconds: 600)) == nil)
    }

    @Test func failuresSlideOutOfTheTenMinutesOneByOne() {
        var failures = SignInFailures()
        for number in 0..<10 { failures.add(user: "anna", address: "a", now: start.after(seconds: number * 30)) }
        let later = start.after(seconds: 599)
        #expect(failures.pause(user: "anna", address: "a", now: later) == 1)
        #expect(failures.pause(user: "anna", address: "a", now: start.after(seconds: 600)) == nil)
        failures.add(user: "anna", address: "a", now: start.after(seconds: 600))
        #expect(failures.pause(user: "anna", address: "a", now: start.after(seconds: 600)) == 30)
    }

    @Test func memoryIsBoundedAndTheNewestFailuresStay() {
        var failures = SignInFailures(capacity: 300)
        for number in 0..<10_000 {
            failures.add(user: "user\(number)", address: "address\(number)", now: Timestamp(milliseconds: start.milliseconds + number))
            #expect(failures.count <= 300)
        }
        let now = Timestamp(milliseconds: start.milliseconds + 10_000)
        for _ in 0..<10 { failures.add(user: "anna", address: "a", now: now) }
        for number in 0..<40 { failures.add(user: "other\(number)", address: "other\(number)", now: now.after(seconds: 1)) }
        #expect(failures.pause(user: "anna", address: "a", now: now.after(seconds: 1)) == 599)
    }
}
