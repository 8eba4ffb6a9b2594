import HTTP
import Identity
import Testing
import Texts
import Web

@testable import Console

@Suite struct SignInPagesSuite {
    // MARK: In and out

    @Test func whoLogsInComesBackToThePageThatHeAskedFor() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.get("/m/1001/people?after=2")
        #expect(browser.status == 303 && browser.location == "/login?next=%2Fm%2F1001%2Fpeople%3Fafter%3D2&ended=1")
        await browser.get("/login?next=%2Fm%2F1001%2Fpeople%3Fafter%3D2&ended=1")
        #expect(browser.page.contains("Your session has ended"))
        await browser.signIn("anna", next: "/m/1001/people?after=2")
        #expect(browser.status == 303 && browser.location == "/m/1001/people?after=2" && browser.hasSession)
        await browser.get("/m/1001/people")
        #expect(browser.status == 200 && browser.page.contains("anna"))
    }

    @Test(arguments: [
        "//evil.example/x", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/logout", "/api/v1/session", "", "/%00",
    ])
    func aLoginLeadsNowhereElse(next: String) async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.signIn("anna", next: next)
        let location = try #require(browser.location)
        #expect(browser.status == 303 && location.hasPrefix("/") && !location.hasPrefix("//") && !location.contains("\\"))
        #expect(!location.hasPrefix("/logout") && !location.hasPrefix("/api"))
    }

    @Test func aWrongPasswordAndAnUnknownUserAreToldAlike() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        for (user, password) in [("anna", "wrong horse battery"), ("<b>bob</b>", "correct horse battery")] {
            await browser.signIn(user, password: password)
            #expect(browser.status == 400 && browser.page.contains("User name or password is wrong."))
            #expect(browser.page.contains("<title>Error: ") && !browser.page.contains("<b>bob") && !browser.page.contains(password))
            #expect(!browser.hasSession)
        }
        // What was typed is there again, but for the password.
        #expect(browser.page.contains("value=\"&lt;b&gt;bob&lt;/b&gt;\""))
    }

    @Test func tooManyWrongPasswordsAreToldWithTheTimeToWait() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        for _ in 0..<10 { await browser.signIn("anna", password: "wrong horse battery") }
        await browser.signIn("anna")
        #expect(browser.status == 429 && browser.page.contains("Too many attempts: try again in about 10 minutes."))
    }

    @Test func aLoginFromAnotherSiteIsRefused() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.post(
            "/login", [("user", "anna"), ("password", PeopleFixture.password)],
            headers: [HTTPRequest.Field("Origin", "https://evil.example")])
        #expect(browser.status == 403 && !browser.hasSession)
    }

    @Test func whoLogsOutIsOutAndNobodyElseCanLogHimOut() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.signIn("anna")
        await browser.post("/logout", withToken: false)
        #expect(browser.status == 403 && browser.hasSession)
        await browser.get("/me")
        await browser.post("/logout")
        #expect(browser.status == 303 && browser.location == "/login?out=1" && !browser.hasSession)
        await browser.get("/me")
        #expect(browser.status == 303)
    }

    // MARK: Language

    @Test func aLanguageIsKeptWithAndWithoutALogin() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.post("/language", [("language", "zh"), ("next", "/login?next=%2Fme&ended=1")])
        #expect(browser.status == 303 && browser.location == "/login?next=%2Fme")
        await browser.get("/login")
        #expect(browser.page.contains("<html lang=\"zh-Hans\">") && browser.page.contains("登录"))
        await browser.signIn("anna")
        await browser.get("/me")
        #expect(browser.page.contains("<html lang=\"en\">"))
        await browser.post("/language", [("language", "vi"), ("next", "/me")])
        await browser.get("/me")
        #expect(browser.page.contains("<html lang=\"vi\">"))
        let again = try fixture.people.signIn(user: "anna", password: PeopleFixture.password, client: .test, now: PeopleFixture.now)
        #expect(again.open.user.language == .vi)
    }

    // MARK: Signing up

    @Test func whoSignsUpChoosesHisRoleOnce() async throws {
        let fixture = try PeopleFixture(isSignUpOpen: true)
        let browser = TestBrowser(fixture)
        await browser.post("/signup", [("user", "new"), ("password", "short"), ("language", "en")])
        #expect(browser.status == 400 && browser.page.contains("A password needs 10 to 128 characters."))
        await browser.post("/signup", [("user", "new"), ("password", PeopleFixture.password), ("language", "en")])
        #expect(browser.status == 303 && browser.hasSession)
        await browser.get("/")
        #expect(browser.page.contains("Your account has no shop yet.") && browser.page.contains("I am a merchant"))
        await browser.get("/role/merchant")
        #expect(browser.page.contains("A shop chooses once, and it cannot be changed."))
        await browser.post("/role/merchant", withToken: false)
        #expect(browser.status == 403)
        await browser.post("/role/merchant")
        #expect(browser.status == 303 && browser.location == "/m/900000000000001/setup")
        await browser.post("/role/factory")
        #expect(browser.status == 409)
        await browser.get("/")
        #expect(browser.location == "/m/900000000000001")
    }

    @Test func signingUpIsClosedUnlessTheDeploymentOpensIt() async throws {
        let browser = TestBrowser(try PeopleFixture())
        await browser.get("/signup")
        #expect(browser.status == 403 && browser.page.contains("Sign-up is closed here"))
        await browser.post("/signup", [("user", "new"), ("password", PeopleFixture.password), ("language", "en")])
        #expect(browser.status == 403 && !browser.hasSession)
    }

    // MARK: Paths without a page

    @Test(arguments: ["zh", "vi", "en"])
    func aPathWithoutAPageIsToldToAPersonInHisLanguage(language: String) async throws {
        let fixture = try PeopleFixture()
        let request = HTTPRequest(
            method: "GET", path: "/no/such",
            headers: [
                HTTPRequest.Field("Accept", "text/html,*/*;q=0.8"), HTTPRequest.Field("Accept-Language", "en"),
                HTTPRequest.Field("Cookie", "daifa_language=\(language)"),
            ])
        let response = await fixture.respond(request)
        let known = try #require(Language(rawValue: language))
        #expect(response.status == 404 && response.page.contains("<html lang=\"\(known.tag)\">"))
        #expect(response.page.contains(fixture.texts[known]("error.page.404.title")))
    }

    @Test(arguments: [
        ("/no/such", "text/html", true), ("/no/such", "*/*", false), ("/no/such", "application/json", false),
        ("/api/v1/nothing", "text/html", false), ("/partners/x", "text/html", false),
    ])
    func onlyABrowserOnAPagesPathGetsAPage(path: String, accept: String, isWanted: Bool) {
        let request = HTTPRequest(method: "GET", path: path, headers: [HTTPRequest.Field("Accept", accept)])
        #expect(FailurePage.isWanted(by: request) == isWanted)
    }
}

extension Client {
    static let test = Client(address: "192.0.2.1", browser: "Test")
}
