# Copies nginx to $1 with its table of media types and its licence, without modules and sites of its image.
mkdir -p "$1/usr/sbin" "$1/usr/share/nginx" "$1/usr/share/doc/nginx"
cp "$(command -v nginx)" "$1/usr/sbin/nginx"
cp /etc/nginx/mime.types "$1/usr/share/nginx/mime.types"
cp /usr/share/doc/nginx/copyright "$1/usr/share/doc/nginx/copyright" 2>/dev/null || :
