using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor;

/// <summary>Pipeline files as people write them, and more of the same kinds: what is found, and what is right and must not be.</summary>
public sealed class PipelineCaseTests
{
    private const string Head =
        "image: a:1@sha256:2222222222222222222222222222222222222222222222222222222222222222\noptions: { max-time: 9 }\n";

    [Theory]
    [InlineData("A01-secret-reference-called-a-value")]
    [InlineData("A02-static-aws-key-by-configure", "static-cloud-key 8", "static-cloud-key 9")]
    [InlineData("A04-docker-login-p-literal", "plaintext-secret 8", "plaintext-secret 9")]
    [InlineData("A05-quoted-line-into-env-file", "plaintext-secret 8", "plaintext-secret 11", "plaintext-secret 13")]
    [InlineData("A07-rotation-started-by-push-triggers", "rotation-on-push 13")]
    [InlineData("A09-multi-line-quoted-name")]
    [InlineData("A11-step-with-keys-beside-it", "structure 5")]
    [InlineData("A12-env-into-a-loop")]
    [InlineData("A17-key-check-and-oidc-export")]
    public void A_file_gets_the_findings_that_are_right_and_no_other(string file, params string[] findings) =>
        PipelineFileReview.Read(file, File.ReadAllBytes(TestData.PathOf($"cases/pipelines/{file}.yml"))).Findings
            .Select(each => $"{each.Id} {each.Line}")
            .Should().Equal(findings);

    [Theory]
    [InlineData("export DB_SECRET=projects/123/secrets/db1/versions/latest")]
    [InlineData("export API_TOKEN=prod/payments/token2")]
    [InlineData("export API_TOKEN=vault:secret/data/app#token1")]
    [InlineData("export APP_SECRET=app-v2-db AUTH_CREDENTIALS=jenkins.v2")]
    [InlineData("deploy --token NPM_TOKEN_2 --password DB_PASSWORD_V2")]
    [InlineData("export PRIVATE_KEY=deploy_key1.pem API_KEY=key1.json")]
    [InlineData("aws secretsmanager get-secret-value --secret-id prod-db1 --query SecretString")]
    [InlineData("docker buildx build --secret type=env,id=npm2 .")]
    [InlineData("kubectl create secret generic db1 --from-literal=x=y")]
    [InlineData("helm upgrade app . --set auth.existingSecret=db-creds-2")]
    [InlineData("export API_KEY={{api_key_1}} TOKEN=__TOKEN_1__ SECRET_KEY=changeme123 PASSWORD=your_password1")]
    [InlineData("curl -H \"Authorization: Bearer $TOKEN1\" https://a.example")]
    [InlineData("docker login -u robot -p \"$REGISTRY_PASSWORD\" registry.example.com")]
    [InlineData("sshpass -p \"$DEPLOY_PASSWORD1\" ssh a@b")]
    [InlineData("sshpass -e ssh a@b")]
    [InlineData("mysql -h db.example.com -u root -p\"$DB_PASSWORD\" -P 33061")]
    [InlineData("docker run -p 127.0.0.1:8080:80 acme/app1")]
    [InlineData("echo \"//registry.npmjs.org/:_authToken=${NPM_TOKEN}\" > .npmrc")]
    [InlineData("git clone https://x-token-auth:${REPO_TOKEN1}@bitbucket.org/acme/tools.git")]
    public void A_name_a_path_a_file_and_a_variable_are_no_values(string command) => Finds(command, "plaintext-secret", false);

    [Theory]
    [InlineData("export DB_PASSWORD=Summer2024x")]
    [InlineData("echo \"A=1 DB_PASSWORD=Summer2024x\" >> .env")]
    [InlineData("echo 'DB_PASSWORD=Summer2024x' >> .env")]
    [InlineData("printf \"DB_PASSWORD=Summer2024x\\n\" > .env")]
    [InlineData("curl -d '{\"client\":\"a\",\"password\":\"Summer2024x\"}' https://a.example")]
    [InlineData("curl -d \"{\\\"password\\\":\\\"Summer2024x\\\"}\" https://a.example")]
    [InlineData("curl -H \"Authorization: Bearer Summer2024xSummer\" https://a.example")]
    [InlineData("curl -H 'X-Api-Key: Summer2024x' https://a.example")]
    [InlineData("docker build --build-arg NPM_TOKEN=Summer2024x .")]
    [InlineData("mvn deploy -Dsonar.token=Summer2024x")]
    [InlineData("gradle publish -PnexusPassword=Summer2024x")]
    [InlineData("podman login -u a -p=Summer2024x quay.example")]
    [InlineData("az login -u a@acme.example -p Summer2024x")]
    [InlineData("az acr login -n acme -u a -p Summer2024x")]
    [InlineData("mysql -h db.example.com -u root -pSummer2024x shop")]
    [InlineData("redis-cli -h cache.example.com -a Summer2024x ping")]
    [InlineData("keytool -list -keystore a.jks -storepass Summer2024x")]
    [InlineData("openssl enc -d -aes-256-cbc -in a -pass pass:Summer2024x")]
    [InlineData("lftp -u deploy,Summer2024x ftp.example.com")]
    [InlineData("npm config set //registry.npmjs.org/:_authToken Summer2024x")]
    [InlineData("echo \"machine git.example.com login robot password Summer2024x\" > ~/.netrc")]
    [InlineData("aws configure set aws_secret_access_key Summer2024xSummer")]
    [InlineData("psql postgres://app:Summer2024x@db.example.com:5432/app")]
    [InlineData("deploy --secret aB3dE5fG7hJ9kL2mN4pQ6rS8")]
    [InlineData("export DB_SECRET=aB3dE5fG7hJ9kL2m")]
    public void A_value_is_found_wherever_it_is_given(string command) => Finds(command, "plaintext-secret", true);

    [Theory]
    [InlineData("cat > .env <<EOF\n{0}DB_PASSWORD=Summer2024x\n{0}EOF", true)]
    [InlineData("cat > .env <<'EOF'\n{0}DB_PASSWORD=Summer2024x\n{0}EOF", true)]
    [InlineData("cat > a.yml <<EOF\n{0}db:\n{0}  password: \"Summer2024x\"\n{0}EOF", true)]
    [InlineData("cat > a.json <<EOF\n{0}{ \"apiKey\": \"Summer2024x\" }\n{0}EOF", true)]
    [InlineData("cat > credentials <<EOF\n{0}aws_secret_access_key = Summer2024xSummer\n{0}EOF", true)]
    [InlineData("cat > settings.xml <<EOF\n{0}<password>Summer2024x</password>\n{0}EOF", true)]
    [InlineData("cat > .npmrc <<-EOF\n{0}//registry.npmjs.org/:_authToken=Summer2024x\n{0}EOF", true)]
    [InlineData("cat > .env <<EOF\n{0}DB_PASSWORD=$DB_PASSWORD\n{0}API_TOKEN=${API_TOKEN1}\n{0}EOF", false)]
    [InlineData("cat > .env <<EOF\n{0}DB_HOST=127.0.0.1\n{0}DB_PASSWORD=Summer2024x\n{0}EOF", false)]
    [InlineData("cat > pod.yml <<EOF\n{0}secretName: db-creds-2\n{0}secret: db-creds-2\n{0}tokenPath: v1/token\n{0}EOF", false)]
    public void A_here_document_is_looked_through(string command, bool finds) =>
        Finds(command.Replace("{0}", "            ", StringComparison.Ordinal), "plaintext-secret", finds);

    [Theory]
    [InlineData("psql postgres://app:Summer2024x@localhost:5432/app")]
    [InlineData("psql postgres://app:Summer2024x@127.0.0.1/app")]
    [InlineData("export URL=redis://:Summer2024x@redis:6379/0")]
    [InlineData("PGPASSWORD=Summer2024x psql -h localhost -U app")]
    [InlineData("mysql -h127.0.0.1 -uroot -pSummer2024x shop")]
    [InlineData("curl -u admin:Summer2024x http://localhost:8080/health")]
    [InlineData("docker run -d -e POSTGRES_PASSWORD=Summer2024x postgres:17")]
    [InlineData("export DB_HOST=localhost && export DB_PASSWORD=Summer2024x")]
    public void A_value_that_only_this_machine_knows_guards_nothing(string command) => Finds(command, "plaintext-secret", false);

    [Fact]
    public void A_value_that_the_file_gives_to_a_service_guards_nothing_in_a_script_either() =>
        Review(Head + """
            definitions: { services: { db: { image: "a@sha256:2222222222222222222222222222222222222222222222222222222222222222", variables: { POSTGRES_PASSWORD: Summer2024x } } } }
            pipelines: { default: [ { step: { services: [db], script: [ "export DB_PASSWORD=Summer2024x", "export APP_PASSWORD=Summer2025x" ] } } ] }
            """).Should().ContainSingle().Which.Should().Match<CheckResult>(each => each.Id == "plaintext-secret" && each.Column > 100);

    [Theory]
    [InlineData("{ name: API_TOKEN, default: Summer2024x }", true)]
    [InlineData("{ name: API_TOKEN, default: none, allowed-values: [none, Summer2024x] }", true)]
    [InlineData("{ name: API_TOKEN, default: $OTHER_TOKEN1 }", false)]
    [InlineData("{ name: API_TOKEN, default: \"\" }", false)]
    [InlineData("{ name: SECRET, default: prod/payments/db1 }", false)]
    [InlineData("{ name: VERSION, default: 2024xSummer }", false)]
    public void The_default_of_a_custom_variable_is_looked_at(string variable, bool finds) =>
        Review($"{Head}pipelines: {{ custom: {{ a: [ {{ variables: [ {variable} ] }}, {{ step: {{ script: [make] }} }} ] }} }}")
            .Count(each => each.Id == "plaintext-secret").Should().Be(finds ? 1 : 0);

    [Theory]
    [InlineData("aws configure set aws_access_key_id $KEY_ID", true)]
    [InlineData("aws configure set default.aws_secret_access_key \"$KEY\" --profile prod", true)]
    [InlineData("printf '%s' x; cat > ~/.aws/credentials <<EOF\n{0}aws_access_key_id = $KEY_ID\n{0}EOF", true)]
    [InlineData("az login --service-principal -u $APP -p $APP_PASSWORD --tenant $TENANT", true)]
    [InlineData("az login --service-principal --username $APP --password=$AZURE_CLIENT_SECRET --tenant $TENANT", true)]
    [InlineData("gcloud auth activate-service-account --key-file key.json", true)]
    [InlineData("gcloud --quiet auth activate-service-account a@b --key-file=key.json", true)]
    [InlineData("docker run -e AWS_ACCESS_KEY_ID acme/x:1", true)]
    [InlineData("terraform apply -var key=${AWS_SECRET_ACCESS_KEY}", true)]
    [InlineData("az login --service-principal -u $APP --tenant $TENANT --federated-token $BITBUCKET_STEP_OIDC_TOKEN", false)]
    [InlineData("gcloud auth login --cred-file=config.json", false)]
    [InlineData("aws configure set role_arn $ROLE && aws configure set region eu-west-1", false)]
    [InlineData("aws configure set aws_access_key_id \"$(jq -r .Credentials.AccessKeyId c.json)\"", false)]
    [InlineData("aws sts assume-role --role-arn $R > c.json; aws configure set aws_access_key_id $ID", false)]
    [InlineData("if [ -n \"$AWS_ACCESS_KEY_ID\" ]; then exit 1; fi", false)]
    [InlineData("[[ -z ${AWS_SECRET_ACCESS_KEY} ]] || exit 1", false)]
    [InlineData("test -z \"$AWS_ACCESS_KEY_ID\" || exit 1", false)]
    [InlineData("echo \"${AWS_ACCESS_KEY_ID:+is set}\"", false)]
    [InlineData("make && unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", false)]
    [InlineData("env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY aws s3 ls", false)]
    [InlineData("echo 'AWS_ACCESS_KEY_ID must not be used here'", false)]
    [InlineData("eval \"$(aws configure export-credentials --format env)\"; docker run -e AWS_SECRET_ACCESS_KEY acme/x:1", false)]
    public void A_stored_cloud_key_is_found_where_it_is_used(string command, bool finds) =>
        Finds(command.Replace("{0}", "            ", StringComparison.Ordinal), "static-cloud-key", finds);

    [Theory]
    [InlineData("echo $API_TOKEN >&2", true)]
    [InlineData("echo \"$API_TOKEN\" 1>&2", true)]
    [InlineData("echo \"$API_TOKEN\" > /dev/stderr", true)]
    [InlineData("echo \"$API_TOKEN\" 2>/dev/null", true)]
    [InlineData("echo \"$API_TOKEN\" | tee token.txt", true)]
    [InlineData("printf '%s' \"${API_TOKEN}\" | tee -a token.txt | cat", true)]
    [InlineData("cat <<EOF\n{0}token: $API_TOKEN\n{0}EOF", true)]
    [InlineData("tee config <<EOF\n{0}token: ${API_TOKEN}\n{0}EOF", true)]
    [InlineData("cat <<EOF | tee config\n{0}token: $API_TOKEN\n{0}EOF", true)]
    [InlineData("cat <<< \"$API_TOKEN\"", true)]
    [InlineData("printenv API_TOKEN", true)]
    [InlineData("make && echo \"done with $API_TOKEN\"", true)]
    [InlineData("(echo $API_TOKEN)", true)]
    [InlineData("echo \"$API_TOKEN\" | xxd", true)]
    [InlineData("echo \"$API_TOKEN\" > token.txt", false)]
    [InlineData("echo \"$API_TOKEN\" >> \"$HOME/.token\" 2>&1", false)]
    [InlineData("echo \"$API_TOKEN\" &> /dev/null", false)]
    [InlineData("echo \"$API_TOKEN\" | tee token.txt > /dev/null", false)]
    [InlineData("echo \"$API_TOKEN\" | sudo tee token.txt >/dev/null", false)]
    [InlineData("echo \"$API_TOKEN\" | docker login -u a --password-stdin", false)]
    [InlineData("echo \"$API_TOKEN\" | base64 > token.b64", false)]
    [InlineData("cat > config <<EOF\n{0}token: $API_TOKEN\n{0}EOF", false)]
    [InlineData("cat <<EOF > config\n{0}token: $API_TOKEN\n{0}EOF", false)]
    [InlineData("cat <<'EOF'\n{0}token: $API_TOKEN\n{0}EOF", false)]
    [InlineData("cat <<EOF | kubectl apply -f -\n{0}token: $API_TOKEN\n{0}EOF", false)]
    [InlineData("tee config <<EOF > /dev/null\n{0}token: $API_TOKEN\n{0}EOF", false)]
    [InlineData("X=$(cat <<EOF\n{0}token: $API_TOKEN\n{0}EOF\n{0})", false)]
    [InlineData("echo $(curl -H \"token: $API_TOKEN\" https://a.example)", false)]
    [InlineData("echo \"length ${#API_TOKEN}\"", false)]
    [InlineData("printf -v HEADER 'token: %s' \"$API_TOKEN\"", false)]
    [InlineData("cat \"$API_TOKEN_FILE\"", false)]
    [InlineData("deploy <(echo \"$API_TOKEN\")", false)]
    public void A_secret_is_printed_or_is_not(string command, bool isPrinted) =>
        Finds(command.Replace("{0}", "            ", StringComparison.Ordinal), "secret-printed", isPrinted);

    [Theory]
    [InlineData("env | tee all.txt", true)]
    [InlineData("env | sort | uniq", true)]
    [InlineData("(env)", true)]
    [InlineData("printenv | base64", true)]
    [InlineData("x=$(env)", false)]
    [InlineData("x=`env`", false)]
    [InlineData("env | while IFS= read -r line; do use \"$line\"; done", false)]
    [InlineData("while read -r line; do use \"$line\"; done < <(env)", false)]
    [InlineData("env | sort | grep -c NODE", false)]
    [InlineData("env | docker run --env-file /dev/stdin acme/x:1", false)]
    [InlineData("diff <(env) before", false)]
    public void The_environment_goes_to_the_log_or_a_file_or_does_not(string command, bool isShown) => Finds(command, "env-dump", isShown);

    [Theory]
    [InlineData("ssh -o StrictHostKeyChecking=no deploy@example.com", true)]
    [InlineData("scp -o UserKnownHostsFile=/dev/null a b@c:", true)]
    [InlineData("GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no' git push", true)]
    [InlineData("echo \"StrictHostKeyChecking no\" >> ~/.ssh/config", true)]
    [InlineData("printf 'Host *\\n  StrictHostKeyChecking no\\n' > ~/.ssh/config", true)]
    [InlineData("cat > ~/.ssh/config <<EOF\n{0}  StrictHostKeyChecking no\n{0}EOF", true)]
    [InlineData("export ANSIBLE_HOST_KEY_CHECKING=False", true)]
    [InlineData("ssh-keyscan -H example.com >> ~/.ssh/known_hosts", true)]
    [InlineData("ssh-keyscan example.com | tee -a ~/.ssh/known_hosts", true)]
    [InlineData("ssh -o StrictHostKeyChecking=accept-new deploy@example.com", true)]
    [InlineData("ssh -o StrictHostKeyChecking=yes deploy@example.com", false)]
    [InlineData("ssh-keyscan example.com", false)]
    [InlineData("ssh-keyscan example.com > k; ssh-keygen -lf k | grep SHA256:abc && cat k >> ~/.ssh/known_hosts", false)]
    [InlineData("cp known_hosts ~/.ssh/known_hosts", false)]
    public void A_host_s_key_is_looked_at_or_is_not(string command, bool isUnchecked) =>
        Finds(command.Replace("{0}", "            ", StringComparison.Ordinal), "host-key-unchecked", isUnchecked);

    [Theory]
    [InlineData("kubectl --insecure-skip-tls-verify get pods", true)]
    [InlineData("helm upgrade a b --insecure-skip-tls-verify=true", true)]
    [InlineData("pip install --trusted-host pypi.example.com x", true)]
    [InlineData("lftp -e 'set ssl:verify-certificate no; mirror' example.com", true)]
    [InlineData("npm config set strict-ssl false", true)]
    [InlineData("http --verify=no https://a.example", true)]
    [InlineData("cat > ~/.lftprc <<EOF\n{0}set ssl:verify-certificate false\n{0}EOF", true)]
    [InlineData("kubectl --insecure-skip-tls-verify=false get pods", false)]
    [InlineData("curl -k https://localhost:8443/health", false)]
    [InlineData("wget --no-check-certificate https://127.0.0.1:8443/", false)]
    [InlineData("npm config set strict-ssl true", false)]
    public void A_certificate_is_looked_at_or_is_not(string command, bool isUnchecked) =>
        Finds(command.Replace("{0}", "            ", StringComparison.Ordinal), "tls-unchecked", isUnchecked);

    [Theory]
    [InlineData("EXTRA_ARGS: '-o StrictHostKeyChecking=no'", "host-key-unchecked")]
    [InlineData("SSH_ARGS: ['-o', 'StrictHostKeyChecking=no']", "host-key-unchecked")]
    [InlineData("EXTRA_ARGS: 'set ssl:verify-certificate no'", "tls-unchecked")]
    [InlineData("EXTRA_ARGS: '-o StrictHostKeyChecking=yes'", null)]
    public void A_pipe_is_told_to_look_or_not_to(string variable, string? id) =>
        Review($"{Head}pipelines: {{ default: [ {{ step: {{ script: [ {{ pipe: 'atlassian/scp-deploy:1.2.1', variables: {{ {variable} "
            + $"}} }} ] }} }} ] }}").Select(each => each.Id).Should().Equal(id is null ? [] : [id]);

    [Theory]
    [InlineData("branches: { '**': [ STEP ] }", true)]
    [InlineData("branches: { '*': [ STEP ] }", true)]
    [InlineData("branches: { '{main,*}': [ STEP ] }", true)]
    [InlineData("tags: { '*': [ STEP ] }", true)]
    [InlineData("pull-requests: { main: [ STEP ] }", true)]
    [InlineData("default: [ STEP ]", true)]
    [InlineData("branches: { main: [ STEP ] }", false)]
    [InlineData("branches: { 'release/*': [ STEP ] }", false)]
    [InlineData("custom: { rotate: [ STEP ] }", false)]
    public void A_push_of_anybody_starts_a_pipeline_or_does_not(string section, bool isStarted) =>
        Review($"{Head}pipelines: {{ "
            + $"{section.Replace("STEP", "{ step: { oidc: true, environment: P, concurrency-group: r, script: [secret-rotator rotate] } }", StringComparison.Ordinal)} }}")
            .Select(each => each.Id).Should().Equal(isStarted ? ["rotation-on-push"] : []);

    [Theory]
    [InlineData("repository-push: [ { pipelines: [other, rotate] } ]", true)]
    [InlineData("pullrequest-push: [ { condition: 'BITBUCKET_PR_DESTINATION_BRANCH == \"main\"', pipelines: [rotate] } ]", true)]
    [InlineData("repository-push: [ { condition: 'glob(BITBUCKET_BRANCH, \"**\")', pipelines: [rotate] } ]", true)]
    [InlineData("repository-push: [ { condition: '!glob(BITBUCKET_BRANCH, \"main\")', pipelines: [rotate] } ]", true)]
    [InlineData("repository-push: [ { condition: 'BITBUCKET_BRANCH == \"main\"', pipelines: [rotate] } ]", false)]
    [InlineData("repository-push: [ { condition: 'glob(BITBUCKET_BRANCH, \"release/*\")', pipelines: [rotate] } ]", false)]
    [InlineData("repository-push: [ { pipelines: [other] } ]", false)]
    public void A_trigger_starts_the_rotation_or_does_not(string trigger, bool isStarted) =>
        Review($"{Head}triggers: {{ {trigger} }}\npipelines: {{ custom: {{ rotate: [ {{ step: {{ oidc: true, environment: P, "
            + $"concurrency-group: r, script: [secret-rotator rotate] }} }} ] }} }}")
            .Select(each => each.Id).Should().Equal(isStarted ? ["rotation-on-push"] : []);

    [Theory]
    [InlineData("image-store: &img { name: 'a@sha256:2222222222222222222222222222222222222222222222222222222222222222' }", true)]
    [InlineData("definition: { script: &build [make] }", true)]
    [InlineData("x-pipelines: [ &a { step: { script: [make] } } ]", true)]
    [InlineData("definition: { script: [make] }", false)]
    public void A_key_that_keeps_anchors_may_have_any_name(string store, bool isRight) =>
        Review($"{Head}{store}\npipelines: {{ default: [ {{ step: {{ script: [make] }} }} ] }}")
            .Select(each => each.Id)
            .Should().Equal(isRight ? [] : ["unknown-key"]);

    [Theory]
    [InlineData("name: \"a long name that goes on\n        here\"")]
    [InlineData("name: 'it''s a long name that goes on\n      here'")]
    [InlineData("name: \"a\n\n        b\"")]
    public void A_quoted_text_may_go_on_at_its_key_s_column_and_the_rest_is_reviewed_as_ever(string name) =>
        Review($"{Head}pipelines:\n  default:\n    - step:\n        {name}\n        script:\n          - |\n            echo 'it\n      "
            + "      is' # don't\n            curl -k https://a.example\n")
            .Should().ContainSingle().Which.Should().Match<CheckResult>(each => each.Id == "tls-unchecked" && each.Column == 18);

    [Theory]
    [InlineData("{ step: , name: a, script: [make] }", "The keys of the step have to be indented under step:, further than step itself.")]
    [InlineData(
        "{ parallel: , steps: [ { step: { script: [make] } } ] }",
        "The keys of the parallel have to be indented under parallel:, further than parallel itself.")]
    public void Keys_beside_their_item_are_told_as_that(string item, string observed) =>
        Review($"{Head}pipelines: {{ default: [ {item} ] }}").Should().ContainSingle().Which.Observed.Should().Be(observed);

    [Fact]
    public void What_stands_in_several_places_in_the_same_words_is_told_once_with_the_lines()
    {
        var text = Head + "pipelines:\n  default:\n"
            + string.Concat(Enumerable.Range(0, 8).Select(i => $"    - step:\n        image: node:22\n        script: [ make {i} ]\n"));

        Review(text)
            .Should().ContainSingle().Which.Observed
            .Should().Be("The image \"node:22\" has a tag but no digest. The same on lines 9, 12, 15, 18, 21 and 2 more.");
    }

    [Fact]
    public void Different_lines_stay_different_findings_and_the_same_one_is_told_once()
    {
        var text = Head
            + "pipelines:\n  default:\n    - step:\n        script:\n          - deploy --password Summer2024x\n          - verify "
            + "--password Summer2024x\n          - deploy --password Summer2024x\n";

        Review(text).Select(each => (each.Line, each.Observed)).Should().Equal(
            (7, "This looks like a secret's value, written out. The same on line 9."),
            (8, "This looks like a secret's value, written out."));
    }

    [Theory]
    [InlineData("artifacts: [publish/app]", "oidc: true", "publish/app rotate", true)]
    [InlineData("artifacts: ['publish/**']", "oidc: true", "./publish/bin/app", true)]
    [InlineData("artifacts: [publish/]", "deployment: production", "node publish/app.js", true)]
    [InlineData("artifacts: { paths: [dist/*] }", "environment: P", "bash -e \"$BITBUCKET_CLONE_DIR/dist/deploy.sh\"", true)]
    [InlineData("artifacts: { upload: [ { name: b, type: shared, paths: [publish/app] } ] }", "oidc: true", "publish/app rotate", true)]
    [InlineData("artifacts: [publish/app]", "name: x", "publish/app --token $API_TOKEN", true)]
    [InlineData("artifacts: [publish/app]", "name: x", "publish/app --version", false)]
    [InlineData("artifacts: [publish/app]", "oidc: true", "aws s3 cp publish/app s3://b", false)]
    [InlineData("artifacts: [publish/app]", "oidc: true", "other/app rotate", false)]
    [InlineData("artifacts: [publish/app]", "oidc: true, artifacts: { download: false }", "publish/app rotate", false)]
    [InlineData("artifacts: { upload: [ { name: b, type: scoped, paths: [publish/app] } ] }", "oidc: true", "publish/app rotate", false)]
    [InlineData(
        "artifacts: { upload: [ { name: b, type: shared, paths: [publish/app] } ] }", "oidc: true, artifacts: { download: [c] }",
        "publish/app rotate", false)]
    public void A_program_that_a_cache_may_have_changed_gets_secrets_or_does_not(string artifacts, string step, string command, bool finds)
    {
        var file =
            $"{Head}pipelines:\n  default:\n    - step: {{ name: Publish, caches: [nuget], {artifacts}, script: [make] }}\n    - step: "
                + $"{{ {step}, script: ['{command}'] }}\n";

        Review(file).Where(each => each.Id == "cached-program").Select(each => each.Line).Should().Equal(finds ? [5] : []);
        Review(file.Replace("caches: [nuget], ", "", StringComparison.Ordinal)).Should().NotContain(each => each.Id == "cached-program");
    }

    private static void Finds(string command, string id, bool finds)
    {
        var text = Head
            + "pipelines:\n  default:\n    - step:\n        oidc: true\n        script:\n          - |\n            true\n            "
            + command + "\n";

        var found = Review(text).Where(each => each.Id == id).ToList();

        if (finds)
            found.Should().ContainSingle().Which.Line.Should().BeGreaterThanOrEqualTo(10);
        else
            found.Should().BeEmpty();
    }

    private static ImmutableArray<CheckResult> Review(string text) => PipelineFileReview.Read("f", Encoding.UTF8.GetBytes(text)).Findings;
}
