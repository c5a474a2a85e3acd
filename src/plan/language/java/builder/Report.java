import java.nio.file.*;
import java.util.*;
import java.util.stream.Collectors;
import javax.inject.*;
import org.apache.maven.AbstractMavenLifecycleParticipant;
import org.apache.maven.MavenExecutionException;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.License;
import org.apache.maven.project.*;

/**
 * Lays out what a build made as soon as it is made, in the same machine, whose start takes as long as the work.
 *
 * <p>Of each archive a line says the path, the coordinates and the names of the licences, with tabs between them.
 */
@Named @Singleton
public class Report extends AbstractMavenLifecycleParticipant {
  @Inject ProjectBuilder projects;

  @Override
  public void afterSessionEnd(MavenSession session) throws MavenExecutionException {
    if (session.getResult().hasExceptions()) return;
    Path directory = Path.of(System.getenv("COFFERDAM_APPLICATION")), out = Path.of(System.getenv("COFFERDAM_OUT"));
    for (MavenProject project : session.getProjects()) {
      if (!project.getBasedir().toPath().equals(directory)) continue;
      List<String> archives = new ArrayList<>(), libraries = new ArrayList<>();
      project.getAttachedArtifacts().forEach(artifact -> add(archives, artifact, ""));
      add(archives, project.getArtifact(), "");
      project.setArtifactFilter(artifact -> Set.of("compile", "runtime").contains(artifact.getScope()));
      project.getArtifacts().forEach(artifact -> add(libraries, artifact, licences(artifact, session)));
      try {
        Pack.layOut(archives, libraries, Path.of(System.getenv("COFFERDAM_REPOSITORY")), out);
        String modules = Modules.neededBy(out.resolve("snapshot-dependencies"), out.resolve("application"));
        Files.writeString(Path.of(System.getenv("COFFERDAM_MODULES")), modules + "\n");
      } catch (java.io.IOException error) {
        throw new MavenExecutionException(error.getMessage(), error);
      }
      return;
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
