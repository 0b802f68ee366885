import HarborFleetTesting
import Processes
import Testing

@testable import PrivatePostgres

@Suite struct PostmasterPartsTests {
    private let text = """
        4711
        /srv/data/postgres
        1763668800
        5432
        /srv/data/run

          5432001  98304
        ready   

        """

    @Test func postmasterFile_givesProcessAndStatus() {
        #expect(PostmasterFile(text: text) == PostmasterFile(text: text))
        #expect(PostmasterFile(text: text)?.processID == 4_711)
        #expect(PostmasterFile(text: text)?.status == .ready)
        #expect(PostmasterFile(text: "12\n/x\n")?.status == nil)
        #expect(PostmasterFile(text: "") == nil && PostmasterFile(text: "x\n") == nil)
        #expect(PostmasterFile(text: "-12\n") == nil, "a single-user server")
    }

    @Test func backoff_doublesToItsLongest_andStartsAgainAfterASteadyRun() {
        var backoff = RestartBackoff()
        let delays = (0..<9).map { _ in backoff.ended(uptime: .zero) }
        let milliseconds = [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
        #expect(delays == milliseconds.map { .milliseconds($0) })
        #expect(backoff.ended(uptime: .seconds(59)) == .seconds(10))
        #expect(backoff.ended(uptime: .seconds(60)) == .milliseconds(100))
    }

    @Test func url_isValid_withUnusualDirectories() {
        let layout = ClusterLayout(root: "/srv/a b/ü&?")
        #expect(
            layout.url == "postgresql://harbor_fleet@/harbor_fleet?host=/srv/a%20b/%C3%BC%26%3F/run&port=5432"
        )
    }

    @Test func version_isReadFromTheOutputOfPostgres() {
        #expect(
            PostgresBinaries.majorVersion(in: "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)") == 15)
        #expect(PostgresBinaries.majorVersion(in: "postgres (PostgreSQL) 18beta1") == 18)
        #expect(PostgresBinaries.majorVersion(in: "nonsense") == nil)
    }

    @Test func account_isRefused_whenItIsNobody() {
        let layout = ClusterLayout(root: "/srv/harbor")
        func choose(owner: UInt32?, user: UInt32, dedicated: String = "no-such-user") -> String {
            do {
                return try PostgresAccount.choose(
                    owner: owner, of: layout, searchPath: "/usr/bin", user: user, dedicated: dedicated
                ).name
            } catch { return "\(error)" }
        }
        let nobody: UInt32 = 65_534
        for refusal in [
            choose(owner: nil, user: 0), choose(owner: nil, user: nobody), choose(owner: nobody, user: 0),
            choose(owner: nobody, user: nobody), choose(owner: nobody, user: 1_000),
        ] {
            #expect(refusal.contains("'nobody'"))
            #expect(refusal.contains("package postgresql") && refusal.contains("DATABASE_URL"))
        }
        #expect(choose(owner: nobody, user: 0).contains("chown -R postgres: /srv/harbor/postgres"))
        #expect(choose(owner: nil, user: 1_000) == "1000" && choose(owner: 1_000, user: 1_000) == "1000")
        #expect(choose(owner: 4_321, user: 0) == "4321")
        #expect(choose(owner: nil, user: 0, dedicated: "daemon") == "daemon")
    }
}
