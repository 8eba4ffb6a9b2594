import Foundation
import JSON
import Testing

@testable import Sandbox

@Suite struct FaultTests {
    private let add = "jingdong.eclp.order.addOrder"

    private func creates(_ sandbox: RunningSandbox) async throws -> Int { try await sandbox.control("creates").array?.count ?? -1 }

    @Test func afterATimeOutTheWorkIsDoneAndFound() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        try await sandbox.fault(add, "timeout-after", [("seconds", 0.3)])
        await #expect(throws: RunningSandbox.Failure.self) { try await sandbox.jos(add, RunningSandbox.outbound, token: token) }
        #expect(try await creates(sandbox) == 1)
        let again = try await sandbox.jos(add, RunningSandbox.outbound, token: token)
        #expect(again.json?.at("jingdong_eclp_order_addOrder_responce", "eclpSoNo") != nil)
        #expect(try await creates(sandbox) == 1)
    }

    @Test func aSlowAnswerHoldsNobodyElseUp() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        try await sandbox.fault(add, "slow", [("seconds", 6.0)])
        let parameters = RunningSandbox.outbound
        let start = Date()
        async let slow = sandbox.jos(add, parameters, token: token)
        while try await creates(sandbox) == 0 {}
        #expect(Date().timeIntervalSince(start) < 6, "the others waited too")
        #expect(try await slow.status == 200)
        #expect(Date().timeIntervalSince(start) >= 6)
    }

    @Test(arguments: ["http-500", "throttle", "expired-token", "wrong-sign", "error-200"])
    func whatIsBrokenWithoutTheWorkBeingDone(_ kind: String) async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        try await sandbox.fault(add, kind)
        let answer = try await sandbox.jos(add, RunningSandbox.outbound, token: token)
        let codes = ["throttle": "2", "expired-token": "19", "wrong-sign": "12", "error-200": "43"]
        #expect(answer.status == (kind == "http-500" ? 500 : 200))
        #expect(answer.json?.at("error_response", "code")?.string == codes[kind])
        #expect(try await creates(sandbox) == 0)
        #expect(try await sandbox.jos(add, RunningSandbox.outbound, token: token).json?["error_response"] == nil)
    }

    @Test(arguments: ["html", "half-body", "redirect", "garbage", "huge"])
    func whatIsBrokenAfterTheWorkWasDone(_ kind: String) async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.fault(add, kind)
        let answer = try await sandbox.jos(add, RunningSandbox.outbound, token: try await sandbox.jdToken())
        switch kind {
        case "html": #expect(answer.headers["content-type"]?.hasPrefix("text/html") == true)
        case "redirect": #expect(answer.status == 302)
        case "huge": #expect(answer.body.count > 16 << 20)
        default: #expect(answer.json == nil && answer.status == 200)
        }
        #expect(try await creates(sandbox) == 1)
    }

    @Test func aClosedConnectionAfterTheWork() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        try await sandbox.fault(add, "drop")
        await #expect(throws: RunningSandbox.Failure.self) { try await sandbox.jos(add, RunningSandbox.outbound, token: token) }
        #expect(try await creates(sandbox) == 1)
    }

    @Test func gbkIsTheSameAnswerInOtherBytes() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let method = "jingdong.eclp.master.queryDept"
        let right = try await sandbox.jos(method, [:], token: token)
        try await sandbox.fault(method, "gbk")
        let answer = try await sandbox.jos(method, [:], token: token)
        #expect(answer.headers["content-type"]?.contains("GBK") == true)
        #expect(String(validating: answer.body, as: UTF8.self) == nil)
        // 代发
        #expect(answer.body.firstRange(of: [0xB4, 0xFA, 0xB7, 0xA2]) != nil)
        #expect(right.text.contains("代发"))
    }

    @Test func aFaultStrikesAsOftenAsItWasToldToAndOnlyWhatItFits() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        try await sandbox.fault("jingdong.eclp.master.*", "http-500", count: 2)
        func status(_ method: String) async throws -> Int { try await sandbox.jos(method, [:], token: token).status }
        #expect(try await status("jingdong.eclp.stock.queryStock") == 200)
        #expect(try await status("jingdong.eclp.master.queryDept") == 500)
        #expect(try await status("jingdong.eclp.master.queryDept") == 500)
        #expect(try await status("jingdong.eclp.master.queryDept") == 200)
        #expect(try await sandbox.control("faults").array?.isEmpty == true)
    }

    @Test func aFaultMayWaitForTheCallThatNamesAThing() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        let method = "jingdong.eclp.master.queryWarehouse"
        try await sandbox.fault(method, "http-500", [("containing", "EBU4418046500002")])
        func status(_ department: String) async throws -> Int {
            try await sandbox.jos(method, ["deptNo": .string(department)], token: token).status
        }
        #expect(try await status("EBU4418046500001") == 200)
        #expect(try await status("EBU4418046500002") == 500)
        #expect(try await status("EBU4418046500002") == 200)
    }

    @Test func eachPartnerRefusesInItsOwnWords() async throws {
        let sandbox = try RunningSandbox()
        let mall = try await sandbox.mallToken("900000001")
        try await sandbox.fault("pdd.refund.address.list.get", "throttle")
        #expect(
            try await sandbox.pdd("pdd.refund.address.list.get", [:], token: mall).json?.at("error_response", "error_code")?.int == 70031)
        try await sandbox.fault("erp.stockquantity.get", "error-200")
        #expect(try await sandbox.jackyun("erp.stockquantity.get", [:]).json?["code"]?.int == 0)
        let path = "/integratedsupplychain/stock/query/v1"
        try await sandbox.fault(path, "expired-token")
        let answer = try await sandbox.isc(path, [:], token: try await sandbox.iscToken())
        #expect(answer.json?["zhDesc"]?.string?.contains("access_token") == true)
    }

    @Test func aFaultThatMakesNoSenseIsRefused() async throws {
        let sandbox = try RunningSandbox()
        let answer = try await sandbox.send("POST", "/sandbox/faults", body: #"{"operation":"push","kind":"bang"}"#)
        #expect(answer.status == 400)
        #expect(answer.json?["error"]?.string?.contains("kind") == true)
    }
}
