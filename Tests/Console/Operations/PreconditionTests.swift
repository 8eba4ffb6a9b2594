import Contracts
import Foundation
import HTTP
import JSON
import ReadModel
import TestSupport
import Testing
import Threads

@testable import Console

/// `If-Match` on commands that change what has a version.
@Suite struct PreconditionTests {
    private let folder: TemporaryFolder
    private let model: SQLiteReadModel
    private let merchant = Actor(.merchant, "m1")

    init() throws {
        folder = try TemporaryFolder(uniqueName("precondition"))
        model = try SQLiteReadModel(path: "\(folder.url.path)/model.db", clusterId: "c1")
        let rows = [
            ("participants", "m1", #"{"shopId":"m1","role":"merchant","shopAlias":"Mine","addresses":[],"version":3}"#),
            ("participants", "m2", #"{"shopId":"m2","role":"merchant","shopAlias":"Theirs","addresses":[],"version":8}"#),
            (
                "rules", "m1~r1",
                #"{"merchantShopId":"m1","ruleId":"r1","match":{"skus":["a"]},"target":{"kind":"factory","id":"f1"},"priority":1,"version":5}"#
            ),
            (
                "channels", "c1",
                #"{"channelId":"c1","merchantShopId":"m1","name":"n","platform":"pinduoduo","state":"created","version":7}"#
            ),
        ]
        try model.apply(
            rows.enumerated().map { index, row in
                LogRecord(
                    topic: "daifa.\(row.0)", partition: 0, offset: Int64(index), time: Timestamp(milliseconds: 1_764_000_000_000),
                    key: Array(row.1.utf8), value: Array(row.2.utf8))
            })
    }

    private func check(_ tag: String, _ service: String, _ command: String, _ body: String) throws -> Problem? {
        let name = try #require(CommandName(service: service, command: command))
        let request = HTTPRequest(
            method: "POST", path: "/api/v1/commands/\(service)/\(command)", headers: [HTTPRequest.Field("If-Match", tag)])
        do throws(Problem) {
            let precondition = try Precondition(request, name)
            try precondition?.check(name, Array(body.utf8), by: merchant, in: model)
            return nil
        } catch { return error }
    }

    private static let rule = #"{"merchantShopId":"m1","ruleId":"r1"}"#

    @Test func theVersionThatStandsThereLetsACommandGo() throws {
        #expect(try check("\"3\"", "binding", "update-profile", #"{"shopId":"m1"}"#) == nil)
        #expect(try check("\"3\"", "binding", "put-address", #"{"shopId":"m1"}"#) == nil)
        #expect(try check("\"3\"", "binding", "remove-address", #"{"shopId":"m1"}"#) == nil)
        #expect(try check("\"5\"", "allocation", "remove-rule", Self.rule) == nil)
        #expect(try check("\"4\", \"5\"", "allocation", "put-rule", Self.rule) == nil)
        #expect(try check("*", "allocation", "put-rule", Self.rule) == nil)
        #expect(try check("\"7\"", "authorization", "set-policy", #"{"channelId":"c1","merchantShopId":"m1"}"#) == nil)
    }

    @Test func anotherVersionIsToldWithWhatStandsThereNow() throws {
        let rule = try #require(try check("\"4\"", "allocation", "put-rule", Self.rule))
        #expect(rule.status == 412 && rule.code == "changed-meanwhile" && rule.field == "If-Match")
        #expect(rule.details?["version"]?.int == 5 && rule.details?["ruleId"]?.string == "r1")
        let profile = try #require(try check("\"2\"", "binding", "update-profile", #"{"shopId":"m1"}"#))
        #expect(profile.status == 412 && profile.details?["shopAlias"]?.string == "Mine")
        let policy = try #require(try check("W/\"7\"", "authorization", "set-policy", #"{"channelId":"c1","merchantShopId":"m1"}"#))
        #expect(policy.status == 412 && policy.details?["version"]?.int == 7, "a weak one never matches")
    }

    @Test func whatIsGoneIsNoVersion() throws {
        for tag in ["*", "\"1\""] {
            let gone = try #require(try check(tag, "allocation", "put-rule", #"{"merchantShopId":"m1","ruleId":"none"}"#))
            #expect(gone.status == 412 && gone.details == nil)
        }
    }

    @Test func anothersRowIsNeitherJudgedNorShown() throws {
        #expect(try check("\"1\"", "binding", "update-profile", #"{"shopId":"m2"}"#) == nil, "the service refuses it")
        #expect(try check("\"1\"", "allocation", "put-rule", "nonsense") == nil)
    }

    @Test func aHeaderThatCannotBeMeantIsRefused() throws {
        for tag in ["3", "\"3", ""] {
            let problem = try #require(try check(tag, "binding", "update-profile", #"{"shopId":"m1"}"#))
            #expect(problem.status == 400 && problem.field == "If-Match", "\(tag)")
        }
        #expect(try check("\"3\"", "allocation", "allocate", "{}")?.field == "If-Match", "it changes nothing that has a version")
    }
}
