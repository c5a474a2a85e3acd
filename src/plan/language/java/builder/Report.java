import java.nio.file.*;
import java.util.*;
import java.util.stream.Collectors;
import javax.inject.*;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.License;
import org.apache.maven.project.*;

/**
 * Writes what a build made: the application's archives, a line `--`, and its libraries in their order.
 *
 * <p>On each line are a path, the coordinates and the names of the licences, with tabs between them.
 */
@Named @Singleton
public class Report extends AbstractMavenLifecycleParticipant {
  @Inject ProjectBuilder projects;

  @Override
  public void afterSessionEnd(MavenSession session) {
    if (session.getResult().hasExceptions()) return;
    Path directory = Path.of(System.getenv("COFFERDAM_APPLICATION"));
    for (MavenProject project : session.getProjects()) {
      if (!project.getBasedir().toPath().equals(directory)) continue;
      List<String> lines = new ArrayList<>();
      project.getAttachedArtifacts().forEach(artifact -> add(lines, artifact, ""));
      add(lines, project.getArtifact(), "");
      lines.add("--");
      project.setArtifactFilter(artifact -> Set.of("compile", "runtime").contains(artifact.getScope()));
      project.getArtifacts().forEach(artifact -> add(lines, artifact, licences(artifact, session)));
      try {
        Files.write(Path.of(System.getenv("COFFERDAM_REPORT")), lines);
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  private static void add(List<String> lines, Artifact artifact, String licences) {
    if (artifact.getFile() == null) return;
    lines.add(String.join("\t", artifact.getFile().toString(), artifact.getGroupId(), artifact.getArtifactId(),
        artifact.getVersion(), licences));
  }

  /** What a library's description, or that of what it belongs to, says of licences. */
  private String licences(Artifact artifact, MavenSession session) {
    ProjectBuildingRequest request = new DefaultProjectBuildingRequest(session.getProjectBuildingRequest());
    request.setProject(null);
    request.setProcessPlugins(false);
    try {
      return projects.build(artifact, true, request).getProject().getLicenses().stream().map(License::getName)
          .filter(Objects::nonNull).map(name -> name.replaceAll("\\s+", " ")).collect(Collectors.joining("|"));
    } catch (ProjectBuildingException error) {
      return "";
    }
  }
}
