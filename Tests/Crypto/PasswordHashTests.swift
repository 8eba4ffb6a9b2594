import Testing

@testable import Crypto

@Suite struct PasswordHashTests {
    @Test func argon2idStringsOfAnotherLibraryAreVerifiedAndArgon2iIsNot() {
        for vector in PasswordVector.all {
            let isTaken = vector.name != "anotherAlgorithm"
            #expect(PasswordHash.isValid(vector.password, for: vector.hash) == isTaken, "\(vector.name)")
            #expect(!PasswordHash.isValid(vector.password + " ", for: vector.hash), "\(vector.name)")
        }
    }

    @Test func aStringOfAnotherCostOrAlgorithmIsToBeMadeAnew() {
        let good: Set = ["theCostOfTheHouse", "chineseAndVietnamese"]
        for vector in PasswordVector.all {
            #expect(PasswordHash.needsRehash(vector.hash) == !good.contains(vector.name), "\(vector.name)")
        }
        #expect(PasswordHash.needsRehash(""))
    }

    @Test func aNewStringHasTheCostOfTheHouseAndItsOwnSalt() throws {
        let first = try PasswordHash.make("correct horse")
        let second = try PasswordHash.make("correct horse")
        #expect(first.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$") && first.utf8.count == 97)
        #expect(first != second)
        #expect(PasswordHash.isValid("correct horse", for: first) && !PasswordHash.isValid("correct horsf", for: first))
        #expect(!PasswordHash.needsRehash(first))
    }

    @Test func bytesBehindAZeroCountToo() throws {
        let hash = try PasswordHash.make("before\0behind")
        #expect(!PasswordHash.isValid("before", for: hash) && PasswordHash.isValid("before\0behind", for: hash))
    }

    @Test func whatIsNoStringOfArgon2idIsValidForNoPassword() {
        let whole = PasswordVector.all[0]
        let wrong = [
            "", "$argon2id$", "correct horse battery", String(whole.hash.dropLast()), whole.hash + "\0",
            whole.hash + String(repeating: "A", count: 128), "$2b$12$abcdefghijklmnopqrstuv",
        ]
        for hash in wrong { #expect(!PasswordHash.isValid(whole.password, for: hash), "\(hash)") }
    }
}
