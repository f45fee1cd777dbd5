using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>A kind of fault in a pipeline file: its word, how bad it is, why it matters and what fixes it. docs/doctor.md explains
/// each.</summary>
/// <param name="Id">A stable word in kebab case.</param>
/// <param name="Status">How bad it is, unless a place says otherwise.</param>
/// <param name="Why">Why it matters, as a sentence.</param>
/// <param name="Fix">What to write instead, as a sentence.</param>
internal sealed record PipelineFault(string Id, CheckStatus Status, string Why, string Fix)
{
    public static readonly PipelineFault BrokenYaml = new(
        "broken-yaml", CheckStatus.Fail,
        "Bitbucket starts no pipeline from a file that it can't read, a scheduled rotation included.",
        "Fix the YAML; Bitbucket's own validator is at https://bitbucket.org/product/pipelines/validator.");

    public static readonly PipelineFault Structure = new(
        "structure", CheckStatus.Fail,
        "Bitbucket refuses a file whose structure isn't the documented one, and what can't be understood can't be reviewed.",
        "Write it as https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/ shows.");

    public static readonly PipelineFault DuplicateKey = new(
        "duplicate-key", CheckStatus.Fail,
        "Only one of the two counts, and which one depends on the parser.",
        "Delete one of the two.");

    public static readonly PipelineFault UnknownKey = new(
        "unknown-key", CheckStatus.Warn,
        "Bitbucket ignores keys that it doesn't know, so a misspelt one protects nothing.",
        "Correct the key.");

    public static readonly PipelineFault ImageLatest = new(
        "image-latest", CheckStatus.Fail,
        "Anyone who can push to the image's repository runs code in this step, with its secrets and its token, and no one sees the change.",
        "Pin the image: name:tag@sha256:DIGEST. The digest is in the answer to: docker buildx imagetools inspect NAME:TAG");

    public static readonly PipelineFault ImageTag = new(
        "image-tag", CheckStatus.Warn,
        "A tag can be moved to other content at any time; a digest can't.",
        "Add the digest behind the tag: name:tag@sha256:DIGEST. It is in the answer to: docker buildx imagetools inspect NAME:TAG");

    public static readonly PipelineFault ImageDefault = new(
        "image-default", CheckStatus.Fail,
        "Without an image Bitbucket takes atlassian/default-image:latest: whatever that is on the day.",
        "Set image for the whole file or for the step, with a digest: name:tag@sha256:DIGEST.");

    public static readonly PipelineFault ImageDigest = new(
        "image-digest", CheckStatus.Fail,
        "The step can't start: no image has such a digest.",
        "Write the whole digest: sha256: and 64 hexadecimal digits in lower case.");

    public static readonly PipelineFault PipeUnpinned = new(
        "pipe-unpinned", CheckStatus.Fail,
        "A pipe is someone else's code that gets the step's secrets; without an exact version it may be other code tomorrow.",
        "Name an exact version, such as atlassian/aws-s3-deploy:2.0.2.");

    public static readonly PipelineFault OidcMissing = new(
        "oidc-missing", CheckStatus.Warn,
        "Without it the step gets no token (BITBUCKET_STEP_OIDC_TOKEN), so it needs stored cloud keys or fails: \"OIDC token exchange "
            + "failed\".",
        "Add to the step: oidc: true");

    public static readonly PipelineFault StaticCloudKey = new(
        "static-cloud-key", CheckStatus.Warn,
        "A stored key works for anyone who gets hold of it, anywhere, until someone revokes it; a step's token expires with the step.",
        "Add oidc: true to the step, let the cloud trust Bitbucket's issuer, and delete the stored key there and in Bitbucket.");

    public static readonly PipelineFault PlaintextSecret = new(
        "plaintext-secret", CheckStatus.Fail,
        "Anyone who can read the repository or a clone of it has this value, also after it is deleted here.",
        "Replace the value wherever it is in use, and keep the new one in a secured variable or a vault: $NAME instead of the value.");

    public static readonly PipelineFault MaxTimeMissing = new(
        "max-time-missing", CheckStatus.Warn,
        "A step that hangs goes on for the usual 120 minutes, holds its secrets and its place in the queue meanwhile, and is paid for.",
        "Set it for all steps at the top of the file, in minutes, such as: options: { max-time: 30 }");

    public static readonly PipelineFault ConcurrencyMissing = new(
        "concurrency-missing", CheckStatus.Warn,
        "Two runs at once hold each other up: a secret that one has claimed is blocked for the other (exit code 6).",
        "Add to the step: concurrency-group: secret-rotation. The later run then waits for the earlier one.");

    public static readonly PipelineFault EnvironmentMissing = new(
        "environment-missing", CheckStatus.Warn,
        "Without an environment the step's credentials are available to every branch, and no deployment permission limits who starts it.",
        "Add to the step: environment: Production, keep its variables in that environment, and restrict it to the main branch.");

    public static readonly PipelineFault RotationOnPush = new(
        "rotation-on-push", CheckStatus.Warn,
        "Anyone who pushes a branch or opens a pull request starts a rotation, with a pipeline file that they wrote themselves.",
        "Move the step to a custom pipeline, and start it by a schedule or by hand.");

    public static readonly PipelineFault DockerService = new(
        "docker-service", CheckStatus.Warn,
        "The service is a Docker daemon that the step commands: whatever the step runs can start containers with the step's secrets in "
            + "them.",
        "Take it out where nothing is built with it, and keep it away from steps that hold secrets.");

    public static readonly PipelineFault DockerSocket = new(
        "docker-socket", CheckStatus.Fail,
        "Anyone who reaches the runner's Docker socket is root on the runner, beyond every container.",
        "Don't mount it. Build images in a step of its own, with the docker service or a builder that needs no daemon.");

    public static readonly PipelineFault Privileged = new(
        "privileged", CheckStatus.Fail,
        "A privileged container isn't contained: it reaches the devices, the kernel and the other containers of its host.",
        "Run it without; add the one capability that it needs, if any.");

    public static readonly PipelineFault ShellTrace = new(
        "shell-trace", CheckStatus.Warn,
        "Tracing writes every command with its values to the log. Bitbucket masks the secured variables only in their exact form, not "
            + "parts, encodings or values made during the step.",
        "Take the tracing out, or switch it on around commands without secrets only.");

    public static readonly PipelineFault EnvironmentDump = new(
        "env-dump", CheckStatus.Warn,
        "This shows every variable of the step, secrets and the OIDC token included; masking doesn't cover encodings, parts and files.",
        "Show single variables by name: printenv BITBUCKET_BRANCH");

    public static readonly PipelineFault SecretPrinted = new(
        "secret-printed", CheckStatus.Fail,
        "The value goes to the log, which more people can read than the variable; an encoded one isn't even masked.",
        "Take the command out. To see whether it is set: test -n \"$NAME\" && echo set");

    public static readonly PipelineFault DownloadToShell = new(
        "download-to-shell", CheckStatus.Fail,
        "Anyone who controls that address, or the route to it, runs code in this step with its secrets; what ran can't be looked up "
            + "afterwards.",
        "Download a fixed version to a file, check its sha256sum, then run it; better, put it into the image.");

    public static readonly PipelineFault TlsUnchecked = new(
        "tls-unchecked", CheckStatus.Fail,
        "Without a look at the certificate anyone on the way can answer, and read what is sent: tokens too.",
        "Take the switch out. For a private certificate authority add it: curl --cacert FILE, or tls.caBundle for secret-rotator.");

    public static readonly PipelineFault HostKeyUnchecked = new(
        "host-key-unchecked", CheckStatus.Fail,
        "Without the host's known key anyone on the way can answer in its place, and get what is copied or typed there.",
        "Add the host under Repository settings, SSH keys, Known hosts, or keep its line in a known_hosts file of the repository.");

    public static readonly PipelineFault CachedProgram = new(
        "cached-program", CheckStatus.Warn,
        "All branches share a repository's caches: anyone who pushes any branch can put code into one, and it runs here with the secrets "
            + "of another.",
        "Take caches out of the step that makes the program; a locked restore doesn't look into a cached folder.");

    public static readonly PipelineFault NotReviewed = new(
        "not-reviewed", CheckStatus.Warn,
        "What follows in the file may hold any fault.",
        "Split the long commands of its scripts, or move them to a script file, and run the check again.");

    public static readonly PipelineFault TooMany = new(
        "more-findings", CheckStatus.Warn,
        "Only the first ones are told.",
        "Fix those, and run the check again.");
}
