# tcp_server.py - the textbook's TCP server: one client after the other, one recv and one send
# for each, then the connection is closed.
import os
from socket import AF_INET, SOCK_STREAM, socket

server_port = int(os.environ.get('PROTOLAB_PORT', '12000'))
server_socket = socket(AF_INET, SOCK_STREAM)
server_socket.bind(('', server_port))
server_socket.listen(1)
print('The server is ready to receive', flush=True)
while True:
    connection_socket, address = server_socket.accept()
    sentence = connection_socket.recv(1024).decode()
    capitalized_sentence = sentence.upper()
    connection_socket.send(capitalized_sentence.encode())
    connection_socket.close()
