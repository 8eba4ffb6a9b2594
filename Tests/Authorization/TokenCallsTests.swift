import Contracts
import Credentials
import Crypto
import Foundation
import HTTP
import JSON
import Machines
import Observability
import PartnerEffects
import Runtime
import StateMachines
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Authorization

/// A partner that gives these answers one after the other, and the last one again and again.
private final class Script: HTTPSender {
    enum Answer: Sendable {
        case json(String)
        case status(Int)
        case lost
        case refused
    }

    private let state: Mutex<(answers: [Answer], urls: [String])>

    init(_ answers: Answer...) { state = Mutex((answers, [])) }

    var urls: [String] { state.withLock { $0.urls } }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let answer = state.withLock { state in
            state.urls.append(request.url)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        switch answer {
        case .json(let text):
            return HTTPClientResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        case .status(let status): return HTTPClientResponse(status: status, body: Array("<html>".utf8))
        case .lost: throw HTTPClientError(.timeout, "no answer in time")
        case .refused: throw HTTPClientError(.connection, "nobody listens")
        }
    }
}

/// The service's environment with keys of its own, and JD and Pinduoduo as a script.
private final class CallScene {
    let environment: PartnerEnvironment
    let clocks = MovedClocks()
    private let folder: URL

    init(_ script: Script) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-calls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test", level: .critical)
        let tables = TableCache()
        let (sealPath, ringPath) = (folder.appendingPathComponent("seal.key").path, folder.appendingPathComponent("master.key").path)
        try SealKeys.create(path: sealPath, purposes: ["app-secret", "credential"])
        try KeyRing.create(path: ringPath)
        let vault = try Vault(
            sealPath: sealPath, ringPath: ringPath, purposes: [.appSecret, .credential], tables: tables, logger: logger)
        var partners = PartnerSettings()
        partners.jd = .init(appKey: "platform", appSecret: "platform-secret")
        partners.pinduoduo = .init(appKey: "platform", appSecret: "platform-secret")
        let base = ServiceEnvironment(
            service: .authorization, settings: .standard, http: script, logger: logger, metrics: Metrics(), clock: clocks.clock)
        environment = PartnerEnvironment(TablesAndSecrets(base, cache: tables, vault: vault), partners)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A key of this service's own is announced as another's, so that what is sealed for that one can be opened here.
    func announceKeys(of service: ServiceName) throws {
        for row in KeyRow.unannounced(of: .authorization, environment.vault.sealKeys, in: TableCache()) {
            var row = row
            row.service = service
            try environment.apply(.keys, key: Array(row.key.utf8), value: row.json)
        }
    }

    var accounts: AccountCalls { AccountCalls(TokenAccess(environment: environment)) }
    var channels: ChannelCalls { ChannelCalls(TokenAccess(environment: environment)) }

    static let account = "jd-fulfillment:pin"

    var exchange: ExchangeCode {
        var effect = ExchangeCode()
        effect.account = Self.account
        effect.authorizationId = "A"
        effect.application = PartnerApplication(appKey: "platform")
        effect.code = "code"
        return effect
    }

    func protected(_ token: String) throws -> String {
        try environment.vault.protect(token, aad: ProtectedTokens.aad(Self.account, "A"))
    }
}

extension EffectAttempt {
    /// One that was to be carried out when the scene began.
    fileprivate static func attempt(mayHaveRun: Bool = false, number: Int = 0) -> EffectAttempt {
        EffectAttempt(number: number, mayHaveRun: mayHaveRun, due: MovedClocks.start)
    }
}

extension Performed {
    fileprivate var answer: Answer? { if case .answer(let answer) = self { answer } else { nil } }
    fileprivate var retry: EffectRetry? { if case .again(let retry) = self { retry } else { nil } }
}

@Suite struct TokenCallsTests {
    private static let good = Script.Answer.json(
        #"{"access_token":"at","refresh_token":"rt","expires_in":86400,"uid":"u","message_subscription":true,"code":0}"#)
    private static let refusal = Script.Answer.json(#"{"code":400,"msg":"code is used","requestId":"r"}"#)

    @Test func aCodeIsExchangedForTokensThatAreKeptEncrypted() async throws {
        let scene = try CallScene(Script(Self.good))
        guard case .tokens(let tokens) = await scene.accounts.exchange(scene.exchange, .attempt()).answer else {
            Issue.record("no tokens")
            return
        }
        #expect(tokens.messageSubscription == true && tokens.ownerId == "u")
        #expect(!tokens.access.contains("at") || tokens.access.count > 20)
        let aad = ProtectedTokens.aad(CallScene.account, "A")
        #expect(try scene.environment.vault.reveal(tokens.access, aad: aad) == "at")
        #expect(try scene.environment.vault.reveal(try #require(tokens.refresh), aad: aad) == "rt")
    }

    @Test func aCodeThatWasUsedUpWithoutAnAnswerIsLost() async throws {
        let scene = try CallScene(Script(.lost, Self.refusal))
        let first = await scene.accounts.exchange(scene.exchange, .attempt()).retry
        #expect(first?.mayHaveRun == true)
        #expect(await scene.accounts.exchange(scene.exchange, .attempt(mayHaveRun: true)).answer.map(Self.reason) == .exchangeLost)
        // Refused at the first attempt it was no good.
        #expect(await scene.accounts.exchange(scene.exchange, .attempt()).answer.map(Self.reason) == .partnerRejected)
    }

    @Test(arguments: [Script.Answer.status(502), .status(200), .lost])
    fileprivate func noAnswerLeavesTheOutcomeOpenWhileTheCodeIsGood(answer: Script.Answer) async throws {
        let scene = try CallScene(Script(answer))
        #expect(await scene.accounts.exchange(scene.exchange, .attempt()).retry?.mayHaveRun == true)
        scene.clocks.pass(601)
        #expect(await scene.accounts.exchange(scene.exchange, .attempt()).answer.map(Self.reason) == .exchangeLost)
    }

    @Test func aPartnerThatWasNotReachedHasNotUsedTheCode() async throws {
        let scene = try CallScene(Script(.refused))
        #expect(await scene.accounts.exchange(scene.exchange, .attempt()).retry?.mayHaveRun == false)
    }

    @Test(arguments: [
        (#"{"error_response":{"code":"12","zh_desc":"签名错误"}}"#, false),
        (#"{"error_response":{"code":"21","zh_desc":"无效的app_key"}}"#, false),
        (#"{"error":"invalid_client","error_description":"unknown"}"#, false),
        (#"{"error":"invalid_grant","error_description":"refresh token has ended"}"#, true),
        (#"{"code":400,"msg":"refresh token has ended","requestId":"r"}"#, true),
    ])
    func whatTheOperatorHasToMendEndsNoToken(answer: String, ends: Bool) async throws {
        let scene = try CallScene(Script(.json(answer)))
        var effect = RefreshToken()
        effect.account = CallScene.account
        effect.authorizationId = "A"
        effect.application = PartnerApplication(appKey: "platform")
        effect.refreshToken = try scene.protected("rt")
        let performed = await scene.accounts.refresh(effect)
        #expect((performed.answer.map(Self.reason) == .partnerRejected) == ends)
        #expect((performed.retry != nil) != ends)
    }

    @Test func codesThatNobodyVerifiesFailInTheEnd() async throws {
        let scene = try CallScene(Script(.status(502)))
        var effect = VerifyCodes()
        effect.account = CallScene.account
        effect.authorizationId = "A"
        effect.application = PartnerApplication(appKey: "platform")
        effect.accessToken = try scene.protected("at")
        scene.clocks.pass(3500)
        #expect(await scene.accounts.verify(effect, .attempt(number: 5)).retry != nil)
        scene.clocks.pass(200)
        #expect(await scene.accounts.verify(effect, .attempt(number: 1)).retry != nil, "it was asked twice only")
        guard case .failed(.partnerRejected, _) = await scene.accounts.verify(effect, .attempt(number: 2)).answer else {
            Issue.record("still tried")
            return
        }
    }

    @Test(arguments: [
        #"{"error_response":{"error_msg":"no","sub_msg":"无权限","sub_code":"20031","error_code":20031}}"#,
        #"{"error_response":{"error_msg":"no","sub_msg":"无权限","sub_code":"x1","error_code":20031}}"#,
        #"{"error_response":{"error_msg":"no","sub_msg":"商家未订购该应用","sub_code":"x1","error_code":50001}}"#,
    ])
    func anApplicationThatWasNotOrdered(answer: String) async throws {
        let scene = try CallScene(Script(.json(answer)))
        var effect = ExchangeChannelCode()
        effect.channelId = "C"
        effect.authorizationId = "A"
        effect.code = "code"
        #expect(await scene.channels.exchange(effect, .attempt()).answer.map(Self.reason) == .applicationNotOrdered)
    }

    @Test(
        arguments: [
            (#"{"jingdong_eclp_master_queryDept_responce":{"code":"0","querydept_result":[]}}"#, .departmentUnknown),
            (#"{"error_response":{"code":"71","zh_desc":"不是该商家的"}}"#, .departmentUnknown),
            (#"{"error_response":{"code":"24","zh_desc":"无权限"}}"#, .applicationNotOrdered),
            (#"{"error_response":{"code":"60","zh_desc":"参数"}}"#, .partnerRejected),
        ] as [(String, ConsentFailure)])
    func whatJDKnowsOfTheCodes(answer: String, reason: ConsentFailure) async throws {
        let scene = try CallScene(Script(.json(answer)))
        var effect = VerifyCodes()
        effect.account = CallScene.account
        effect.authorizationId = "A"
        effect.application = PartnerApplication(appKey: "platform")
        effect.departmentCode = "EBU1"
        effect.warehouseCode = "110"
        effect.accessToken = try scene.protected("at")
        guard case .failed(let found, _) = await scene.accounts.verify(effect, .attempt()).answer else {
            Issue.record("not refused")
            return
        }
        #expect(found == reason)
    }

    @Test func aRefreshIsTriedAgainWhileThePartnerIsAwayAndTheRefreshTokenLives() async throws {
        let scene = try CallScene(Script(.status(500), .status(500), Self.refusal, Self.good))
        var effect = RefreshToken()
        effect.account = CallScene.account
        effect.authorizationId = "A"
        effect.application = PartnerApplication(appKey: "platform")
        effect.refreshToken = try scene.protected("rt")
        effect.refreshExpiresAt = Timestamp(milliseconds: scene.clocks.now.milliseconds + 60_000)
        #expect(await scene.accounts.refresh(effect).retry != nil)
        scene.clocks.pass(60)
        #expect(await scene.accounts.refresh(effect).answer.map(Self.reason) == .partnerRejected)
        #expect(await scene.accounts.refresh(effect).answer.map(Self.reason) == .partnerRejected)
        guard case .tokens = await scene.accounts.refresh(effect).answer else {
            Issue.record("no tokens")
            return
        }
    }

    @Test func aCredentialIsSealedForTheServiceAloneAsSoonAsItHasAnnouncedAKey() async throws {
        let scene = try CallScene(Script(Self.good))
        var effect = SealCredential()
        effect.account = CallScene.account
        effect.authorizationId = "A"
        effect.service = .console
        effect.version = 3
        effect.application = PartnerApplication(appKey: "platform")
        effect.accessToken = try scene.protected("at")
        #expect(await scene.accounts.seal(effect).retry?.reason == "no-key")
        try scene.announceKeys(of: .console)
        let sealed = try #require(await scene.accounts.seal(effect).answer)
        let vault = scene.environment.vault
        let plain = try vault.open(sealed, info: SealInfo.credential, aad: "A~console~3")
        #expect(try Credential.decode(plain) == Credential(appKey: "platform", appSecret: "platform-secret", accessToken: "at"))
        #expect(!vault.opens(sealed, info: SealInfo.credential, aad: "A~console~4"))
        #expect(!vault.opens(sealed, info: SealInfo.credential, aad: "A~shipping~3"))
    }

    private static func reason(_ reply: TokenReply) -> ConsentFailure? {
        if case .failed(let reason, _) = reply { reason } else { nil }
    }
}
